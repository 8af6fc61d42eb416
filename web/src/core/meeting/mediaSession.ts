import { onNetworkChange } from '../reconnect'
import { Scope } from '../scope'
import { patienceFor } from './patience'
import { Publisher, type PublisherEvents, type PublishLink, type SourceWish } from './publisher'
import type { RoomState } from './reduce'
import { Redundancy } from './redundancy'
import type { ScreenCapture } from './screenCapture'
import type { CallStats } from './state'
import { compareStats } from './stats'
import type { Measurement, StatsEntry, StreamIdentity } from './statsChanges'
import { type SubscribeLink, Subscriber } from './subscriber'
import { type CameraLimit, ThinUplink, type UplinkSample } from './thinUplink'
import type {
  Candidate,
  Codecs,
  ICEServer,
  Publication,
  SecondEncoding,
  Source,
  SubscribeOffer,
  UnwantedLayers,
} from './wire'

export interface MediaLink extends PublishLink, Omit<SubscribeLink, 'sourceOf' | 'patienceWith'> {}

export interface MediaEvents extends PublisherEvents {
  onStreams(streams: ReadonlyMap<string, MediaStream>): void
  /** The camera is stopped to keep the sound whole, or not any more. */
  onCameraHeld(): void
}

/** What one wants to send. */
export interface OwnTracks {
  microphone: SourceWish | null
  camera: SourceWish | null
  share: ScreenCapture | null
}

/** How often a limited uplink is looked at: its queue fills within a second. */
const closelyMs = 1_000

/** Both peer connections of one stay in the meeting. */
export class MediaSession {
  readonly #scope = new Scope()
  readonly #publisher: Publisher
  readonly #subscriber: Subscriber
  readonly #room: () => RoomState
  readonly #link: MediaLink
  readonly #events: MediaEvents
  readonly #redundancy = new Redundancy()
  #uplink = new ThinUplink()
  #limit: CameraLimit = null
  #stopWatching: (() => void) | null = null
  #own: OwnTracks = { microphone: null, camera: null, share: null }

  constructor(
    iceServers: ICEServer[],
    codecs: Codecs,
    room: () => RoomState,
    link: MediaLink,
    events: MediaEvents,
  ) {
    this.#room = room
    this.#link = link
    this.#events = events
    this.#publisher = new Publisher(iceServers, codecs, link, events)
    const sourceOf = (id: string) => this.#publication(id)?.source ?? null
    this.#subscriber = new Subscriber(
      iceServers,
      {
        answer: (answer) => link.answer(answer),
        sendCandidate: (candidate) => link.sendCandidate(candidate),
        restartIce: () => link.restartIce(),
        sourceOf,
        patienceWith: (id) => this.#patienceWith(id),
      },
      events,
    )
    onNetworkChange(this.#scope, () => this.restartIce())
  }

  get streams(): ReadonlyMap<string, MediaStream> {
    return this.#subscriber.streams
  }

  /** Whether less of the camera is sent to keep the sound whole. */
  get isCameraLimited(): boolean {
    return this.#limit !== null
  }

  /** Whether the camera is stopped to keep the sound whole. */
  get isCameraHeld(): boolean {
    return this.#cameraLimit === 0
  }

  publish(own: OwnTracks): void {
    this.#sending(() => {
      this.#own = own
    })
  }

  resumed(publications: ReadonlyArray<Publication>): void {
    this.#publisher.resumed(publications)
  }

  restartIce(): void {
    // The network may be another one, of which nothing is known.
    this.#uplink = new ThinUplink()
    if (this.#limit !== null) this.#setLimit(null)
    this.#publisher.restartIce()
    this.#link.restartIce()
  }

  mutedByServer(source: Source): void {
    this.#publisher.mutedByServer(source)
  }

  publicationRemoved(id: string): void {
    this.#publisher.removed(id)
  }

  unwantedLayers(news: UnwantedLayers): void {
    this.#publisher.unwanted(news)
  }

  secondEncoding(wanted: SecondEncoding): void {
    this.#publisher.secondWanted(wanted)
  }

  subscribeOffer(offer: SubscribeOffer): void {
    this.#subscriber.offer(offer)
  }

  addCandidate(candidate: Candidate): void {
    if (candidate.target === 'publish') this.#publisher.addCandidate(candidate)
    else this.#subscriber.addCandidate(candidate)
  }

  async measure(): Promise<Measurement> {
    const [publish, subscribe] = await Promise.all([
      entriesOf(this.#publisher.connection),
      entriesOf(this.#subscriber.connection),
    ])
    return { atMs: performance.now(), publish, subscribe }
  }

  /** Fits what is sent to what was measured. */
  adapt({ uplinkLoss, availableUpBitsPerSecond }: CallStats, sample: UplinkSample): void {
    const now = performance.now()
    const uplink = { loss: uplinkLoss, availableBitsPerSecond: availableUpBitsPerSecond }
    this.#publisher.repeatSpeech(this.#redundancy.next(uplink, now))
    if (this.#limit === null) this.#follow(sample)
  }

  /** Somebody's connection is another than before. */
  qualityChanged(): void {
    this.#subscriber.adapt()
  }

  readonly identify = {
    publish: (mid: string): StreamIdentity | null => {
      const source = this.#publisher.sourceOfMid(mid)
      const publicationId = source && this.#publisher.publicationId(source)
      return publicationId ? { publicationId, participantId: this.#room().self, source } : null
    },
    subscribe: (mid: string): StreamIdentity | null => {
      const publicationId = this.#subscriber.publicationOfMid(mid)
      const publication = publicationId && this.#publication(publicationId)
      if (!publication) return null
      return {
        publicationId: publication.id,
        participantId: publication.participantId,
        source: publication.source,
      }
    },
  }

  close(): void {
    this.#scope.end()
    this.#publisher.close()
    this.#subscriber.close()
  }

  /** A share comes before the camera. */
  get #cameraLimit(): CameraLimit {
    return this.#limit !== null && this.#own.share ? 0 : this.#limit
  }

  #follow(sample: UplinkSample): void {
    const limit = this.#uplink.next(sample, performance.now())
    if (limit !== this.#limit) this.#setLimit(limit)
  }

  #setLimit(limit: CameraLimit): void {
    this.#sending(() => {
      this.#limit = limit
    })
    if (limit !== null) {
      this.#stopWatching ??= this.#watchUplink()
    } else {
      this.#stopWatching?.()
      this.#stopWatching = null
    }
  }

  #watchUplink(): () => void {
    const scope = this.#scope.child()
    let last: Measurement | null = null
    const look = async () => {
      const publish = await entriesOf(this.#publisher.connection)
      const now = { atMs: performance.now(), publish, subscribe: [] }
      if (!scope.ended && last) this.#follow(compareStats(last, now, this.identify).uplink)
      last = now
    }
    scope.interval(() => void look().catch(() => {}), closelyMs)
    return () => scope.end()
  }

  /** Changes what is to be sent, and sends that. */
  #sending(change: () => void): void {
    const wasHeld = this.isCameraHeld
    change()
    const { microphone, camera, share } = this.#own
    const common = share && { muted: false, hint: share.hint, shareId: share.shareId }
    this.#publisher.limit(this.#cameraLimit)
    this.#publisher.set('microphone', microphone)
    this.#publisher.set('camera', camera && this.isCameraHeld ? { ...camera, muted: true } : camera)
    this.#publisher.set('screen', share && common && { ...common, track: share.video })
    this.#publisher.set(
      'screenAudio',
      share?.audio ? { track: share.audio, muted: false, shareId: share.shareId } : null,
    )
    if (this.isCameraHeld !== wasHeld) this.#events.onCameraHeld()
  }

  #patienceWith(publicationId: string): number | null {
    const { quality, self } = this.#room()
    const sender = this.#publication(publicationId)?.participantId
    return patienceFor(sender ? quality.get(sender) : undefined, self ? quality.get(self) : undefined)
  }

  #publication(id: string): Publication | undefined {
    return this.#room().publications.find((publication) => publication.id === id)
  }
}

async function entriesOf(connection: RTCPeerConnection): Promise<StatsEntry[]> {
  if (connection.connectionState === 'closed') return []
  const report = await connection.getStats()
  const entries: StatsEntry[] = []
  report.forEach((entry: StatsEntry) => {
    entries.push(entry)
  })
  return entries
}
