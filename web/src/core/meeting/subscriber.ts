import { Scope } from '../scope'
import { candidateMessage, RemoteCandidates } from './candidates'
import { watchIce } from './iceWatch'
import { asOffered, music, tuneOpus } from './opus'
import type { Candidate, ICEServer, Source, SubscribeAnswer, SubscribedTrack, SubscribeOffer } from './wire'

/** What the subscriber needs of the signaling connection. */
export interface SubscribeLink {
  answer(answer: SubscribeAnswer): void
  sendCandidate(candidate: Candidate): void
  restartIce(): void
  sourceOf(publicationId: string): Source | null
  /** The least delay with which a publication is played in milliseconds, null for the browser's choice. */
  patienceWith(publicationId: string): number | null
}

export interface SubscriberEvents {
  onStreams(streams: ReadonlyMap<string, MediaStream>): void
  onGap(): void
}

/**
 * The subscribe connection: the server always offers. Offers are answered one at a time; of several that wait only the
 * latest counts. Each publication has a stream of its own, which stays the same object while its track does.
 */
export class Subscriber {
  readonly #link: SubscribeLink
  readonly #events: SubscriberEvents
  readonly #scope = new Scope()
  readonly #connection: RTCPeerConnection
  readonly #candidates: RemoteCandidates
  #waiting: SubscribeOffer | null = null
  #answering = false
  #tracks: ReadonlyArray<SubscribedTrack> = []
  #streams: ReadonlyMap<string, MediaStream> = new Map()

  constructor(iceServers: ICEServer[], link: SubscribeLink, events: SubscriberEvents) {
    this.#link = link
    this.#events = events
    this.#connection = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' })
    this.#candidates = new RemoteCandidates(this.#connection)
    this.#scope.add(() => this.#connection.close())
    this.#scope.listen(this.#connection, 'icecandidate', (event) => {
      const { candidate } = event as RTCPeerConnectionIceEvent
      this.#link.sendCandidate(candidateMessage('subscribe', candidate))
    })
    watchIce(this.#scope, this.#connection, {
      onGap: () => this.#events.onGap(),
      onRestart: () => this.#link.restartIce(),
    })
  }

  get connection(): RTCPeerConnection {
    return this.#connection
  }

  get streams(): ReadonlyMap<string, MediaStream> {
    return this.#streams
  }

  publicationOfMid(mid: string): string | null {
    return this.#tracks.find((track) => track.mid === mid)?.publicationId ?? null
  }

  offer(offer: SubscribeOffer): void {
    this.#waiting = offer
    this.#candidates.hold()
    if (!this.#answering) void this.#answerAll()
  }

  addCandidate(candidate: Candidate): void {
    this.#candidates.add(candidate)
  }

  /** Brings the delay of what is played in line with the links it comes over. */
  adapt(): void {
    for (const [mid, { receiver }] of this.#transceivers()) {
      const publicationId = this.publicationOfMid(mid)
      const target = publicationId ? this.#link.patienceWith(publicationId) : null
      if ('jitterBufferTarget' in receiver && receiver.jitterBufferTarget !== target) {
        receiver.jitterBufferTarget = target
      }
    }
  }

  close(): void {
    this.#scope.end()
  }

  async #answerAll(): Promise<void> {
    this.#answering = true
    while (this.#waiting && !this.#scope.ended) {
      const offer = this.#waiting
      this.#waiting = null
      try {
        await this.#answer(offer)
      } catch {
        // A broken offer: the server is asked for another one, with new candidates.
        if (!this.#scope.ended && !this.#waiting) this.#link.restartIce()
      }
    }
    this.#answering = false
  }

  async #answer(offer: SubscribeOffer): Promise<void> {
    const connection = this.#connection
    await connection.setRemoteDescription({ type: 'offer', sdp: offer.sdp })
    if (!this.#waiting) this.#candidates.flush()
    const answer = await connection.createAnswer()
    const sdp = this.#tuned(answer.sdp ?? '', offer.tracks)
    await connection.setLocalDescription({ type: 'answer', sdp })
    this.#link.answer({ sdp, offer: offer.offer })
    this.#bind(offer.tracks)
  }

  /** Chromium decodes Opus in stereo only where its own answer says so. */
  #tuned(sdp: string, tracks: ReadonlyArray<SubscribedTrack>): string {
    return tuneOpus(sdp, (mid) => {
      const publication = tracks.find((track) => track.mid === mid)?.publicationId
      return publication && this.#link.sourceOf(publication) === 'screenAudio' ? music : asOffered
    })
  }

  #bind(tracks: ReadonlyArray<SubscribedTrack>): void {
    const transceivers = this.#transceivers()
    const streams = new Map<string, MediaStream>()
    for (const { mid, publicationId } of tracks) {
      const track = transceivers.get(mid)?.receiver.track
      if (!track) continue
      const present = this.#streams.get(publicationId)
      streams.set(publicationId, present?.getTracks()[0] === track ? present : new MediaStream([track]))
    }
    this.#tracks = tracks
    this.#streams = streams
    this.adapt()
    this.#events.onStreams(streams)
  }

  #transceivers(): Map<string, RTCRtpTransceiver> {
    return new Map(this.#connection.getTransceivers().map((one) => [one.mid ?? '', one]))
  }
}
