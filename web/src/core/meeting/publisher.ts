import { Scope } from '../scope'
import { candidateMessage, RemoteCandidates } from './candidates'
import {
  applyCamera,
  applyHint,
  applyUnwanted,
  encodingsFor,
  type Unwanted,
  withoutScalability,
} from './encodings'
import { watchIce } from './iceWatch'
import { NegotiationQueue } from './negotiation'
import { music, repeatPackets, speech, tuneOpus } from './opus'
import { codeOf } from './requests'
import { SecondEncoding } from './secondEncoding'
import type { CameraLimit } from './thinUplink'
import { codecFor, common, firstEncodable, preferCodec } from './videoCodecs'
import type {
  Candidate,
  Codecs,
  ContentHint,
  ICEServer,
  Publication,
  Publish,
  Published,
  PublishTrack,
  SecondEncoding as SecondEncodingWanted,
  Source,
  UnwantedLayers,
} from './wire'

/** What the publisher needs of the signaling connection. */
export interface PublishLink {
  publish(offer: Publish): Promise<Published>
  setMuted(publicationId: string, muted: boolean): Promise<void>
  setHint(publicationId: string, hint: ContentHint): void
  sendCandidate(candidate: Candidate): void
}

export interface PublisherEvents {
  onRefused(source: Source, code: string): void
  /** The server ended a publication of ours. */
  onRemoved(source: Source): void
  /** The server muted a publication of ours while we were away. */
  onMutedMeanwhile(source: Source): void
  /** Media has a gap. */
  onGap(): void
  onError(code: string): void
}

/** What is to be sent of a source. A camera that is off has no track but keeps its publication. */
export interface SourceWish {
  track: MediaStreamTrack | null
  muted: boolean
  hint?: ContentHint
  shareId?: string
}

interface Slot {
  readonly source: Source
  readonly transceiver: RTCRtpTransceiver
  wish: SourceWish | null
  publicationId: string | null
  /** What the server last confirmed; null before the publication exists. */
  confirmedMuted: boolean | null
  telling: boolean
  work: Promise<void>
  /** The codec in which somebody needs the video as well. */
  secondCodec: string | null
  second: SecondEncoding | null
  secondUnwanted: Unwanted
}

const nothing: Unwanted = { rids: new Set(), spatialLayers: 0 }

/** Refusals that pass by themselves. */
const passing = new Set(['rateLimited', 'tooManyMessages', 'timedOut'])
const againMs = 1_000

/** The screen comes before its sound, which the server only takes together with it. */
const order: ReadonlyArray<Source> = ['microphone', 'camera', 'screen', 'screenAudio']

/**
 * The publish connection: the client always offers. It is told what to send of each source and brings transceivers,
 * negotiation and the server's mute state in line with that; a source that ends leaves its transceiver for the next.
 */
export class Publisher {
  readonly #codecs: Codecs
  readonly #link: PublishLink
  readonly #events: PublisherEvents
  readonly #scope = new Scope()
  readonly #connection: RTCPeerConnection
  readonly #candidates: RemoteCandidates
  readonly #slots = new Map<Source, Slot>()
  /** By publication: the layers that nobody uses. */
  readonly #unwanted = new Map<string, Unwanted>()
  #repeatsSpeech = false
  #limit: CameraLimit = null
  /** By source and codec: the sections of second encodings, which are used again. */
  readonly #seconds = new Map<string, SecondEncoding>()
  readonly #queue = new NegotiationQueue(() => this.#negotiate())

  constructor(iceServers: ICEServer[], codecs: Codecs, link: PublishLink, events: PublisherEvents) {
    this.#codecs = codecs
    this.#link = link
    this.#events = events
    this.#connection = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' })
    this.#candidates = new RemoteCandidates(this.#connection)
    this.#scope.add(() => this.#connection.close())
    this.#scope.listen(this.#connection, 'icecandidate', (event) => {
      const { candidate } = event as RTCPeerConnectionIceEvent
      this.#link.sendCandidate(candidateMessage('publish', candidate))
    })
    watchIce(this.#scope, this.#connection, {
      onGap: () => this.#events.onGap(),
      onRestart: () => this.restartIce(),
    })
  }

  get connection(): RTCPeerConnection {
    return this.#connection
  }

  publicationId(source: Source): string | null {
    return this.#slots.get(source)?.publicationId ?? null
  }

  sourceOfMid(mid: string): Source | null {
    for (const slot of this.#slots.values()) if (slot.transceiver.mid === mid) return slot.source
    return null
  }

  /** Says what is to be sent of a source from now on; null ends its publication. */
  set(source: Source, wish: SourceWish | null): void {
    if (this.#scope.ended) return
    const slot = this.#slots.get(source)
    if (!slot) {
      if (wish?.track) this.#open(source, wish, wish.track)
      return
    }
    const before = slot.wish
    if (!before && !wish?.track) return
    slot.wish = wish
    this.#follow(slot, before)
  }

  /** The server's candidate. */
  addCandidate(candidate: Candidate): void {
    this.#candidates.add(candidate)
  }

  /** The network changed or has a gap. */
  restartIce(): void {
    if (!this.#connection.localDescription) return
    this.#connection.restartIce()
    this.#request()
  }

  /** After a resume: what was lost on the way is said again. Publications are our own as the server knows them. */
  resumed(publications: ReadonlyArray<Publication>): void {
    for (const slot of this.#slots.values()) {
      if (!slot.wish || !slot.publicationId) continue
      const known = publications.find((one) => one.id === slot.publicationId)
      if (known) this.#reconcileMuted(slot, slot.wish, known.muted)
      else this.#forget(slot)
    }
    if (this.#slots.size === 0) return
    if (this.#connection.localDescription) this.#connection.restartIce()
    this.#request()
  }

  /** A host muted the source. */
  mutedByServer(source: Source): void {
    const slot = this.#slots.get(source)
    if (slot?.wish) this.#obey(slot, slot.wish)
  }

  /** Nobody uses these layers of a publication; all others are wanted. */
  unwanted({ publicationId, rids, spatialLayers = 0, second }: UnwantedLayers): void {
    if (second) {
      const slot = this.#slotOf(publicationId)
      if (!slot?.wish) return
      slot.secondUnwanted = { rids: new Set(rids), spatialLayers }
      slot.second?.follow(slot.wish, slot.secondUnwanted, this.#limit)
      return
    }
    this.#unwanted.set(publicationId, { rids: new Set(rids), spatialLayers })
    for (const slot of this.#slots.values()) {
      if (slot.publicationId === publicationId) this.#applyUnwanted(slot)
    }
  }

  /** Whether the microphone sends every packet twice. */
  repeatSpeech(on: boolean): void {
    if (on === this.#repeatsSpeech) return
    this.#repeatsSpeech = on
    if (this.#connection.localDescription) this.#request()
  }

  /** Bounds the camera, and with it how many pictures a share has in a second, until it is told null. */
  limit(limit: CameraLimit): void {
    if (limit === this.#limit) return
    this.#limit = limit
    for (const slot of this.#slots.values()) if (slot.wish) this.#applyLimit(slot, slot.wish)
  }

  /** Somebody needs a publication in a second codec, or nobody does any more. */
  secondWanted({ publicationId, codecs }: SecondEncodingWanted): void {
    const slot = this.#slotOf(publicationId)
    if (!slot?.wish) return
    slot.secondCodec = firstEncodable(codecs)
    if (slot.second && slot.second.codec === slot.secondCodec) return
    this.#stopSecond(slot)
    this.#openSecond(slot, slot.wish)
  }

  /** The server ended a publication. */
  removed(publicationId: string): void {
    for (const slot of this.#slots.values()) {
      if (slot.publicationId === publicationId && slot.wish) this.#forget(slot)
    }
  }

  close(): void {
    this.#scope.end()
  }

  #slotOf(publicationId: string): Slot | undefined {
    return [...this.#slots.values()].find((slot) => slot.publicationId === publicationId)
  }

  /** Begins the second encoding that somebody needs, as soon as there is something to send. */
  #openSecond(slot: Slot, wish: SourceWish): void {
    const { source, secondCodec } = slot
    if (!wish.track || !secondCodec || slot.second) return
    const key = `${source} ${secondCodec}`
    slot.second = this.#seconds.get(key) ?? this.#newSecond(source, wish, wish.track, secondCodec)
    this.#seconds.set(key, slot.second)
    slot.second.start(wish, slot.secondUnwanted, this.#limit)
    this.#request()
  }

  #newSecond(source: Source, wish: SourceWish, track: MediaStreamTrack, codec: string): SecondEncoding {
    const transceiver = this.#addTransceiver(source, wish, track, codec)
    preferCodec(transceiver, codec)
    return new SecondEncoding(source, codec, transceiver)
  }

  #stopSecond(slot: Slot): void {
    if (!slot.second) return
    slot.second.stop()
    slot.second = null
    slot.secondUnwanted = nothing
    this.#request()
  }

  #endSecond(slot: Slot): void {
    slot.secondCodec = null
    this.#stopSecond(slot)
  }

  #unwantedOf(slot: Slot): Unwanted {
    return (slot.publicationId && this.#unwanted.get(slot.publicationId)) || nothing
  }

  #applyUnwanted(slot: Slot): void {
    const { sender } = slot.transceiver
    this.#enqueue(slot, () => {
      const track = slot.source === 'camera' ? sender.track : null
      const unwanted = this.#unwantedOf(slot)
      return track ? applyCamera(sender, track, unwanted, this.#limit) : applyUnwanted(sender, unwanted.rids)
    })
  }

  #applyLimit(slot: Slot, wish: SourceWish): void {
    const { source, transceiver } = slot
    const { track } = wish
    if (!track || !isVideo(source)) return
    if (source === 'camera') this.#applyUnwanted(slot)
    else this.#enqueue(slot, () => applyHint(transceiver.sender, track, wish.hint ?? 'text', this.#limit))
    slot.second?.follow(wish, slot.secondUnwanted, this.#limit)
  }

  #forget(slot: Slot): void {
    this.#endSecond(slot)
    slot.publicationId = null
    slot.confirmedMuted = null
    this.#events.onRemoved(slot.source)
  }

  #open(source: Source, wish: SourceWish, track: MediaStreamTrack): void {
    const codec = this.#codecOf(source)
    const transceiver = this.#addTransceiver(source, wish, track, codec)
    if (track.kind === 'video') preferCodec(transceiver, codec)
    const slot: Slot = {
      source,
      transceiver,
      wish,
      publicationId: null,
      confirmedMuted: null,
      telling: false,
      work: Promise.resolve(),
      secondCodec: null,
      second: null,
      secondUnwanted: nothing,
    }
    this.#slots.set(source, slot)
    if (source === 'screen')
      this.#enqueue(slot, () => applyHint(transceiver.sender, track, wish.hint ?? 'text', this.#limit))
    this.#request()
  }

  #codecOf(source: Source): string {
    switch (source) {
      case 'camera':
        return codecFor(source, this.#codecs.camera)
      case 'screen':
        return codecFor(source, this.#codecs.share)
      default:
        return common
    }
  }

  #addTransceiver(
    source: Source,
    wish: SourceWish,
    track: MediaStreamTrack,
    codec: string,
  ): RTCRtpTransceiver {
    const sendEncodings = encodingsFor(source, wish.hint ?? 'text', track, codec)
    try {
      return this.#connection.addTransceiver(track, { direction: 'sendonly', sendEncodings })
    } catch {
      return this.#connection.addTransceiver(track, {
        direction: 'sendonly',
        sendEncodings: withoutScalability(sendEncodings),
      })
    }
  }

  /** Brings an open slot from the wish before to the present one. */
  #follow(slot: Slot, before: SourceWish | null): void {
    const { wish, transceiver } = slot
    const track = wish?.track ?? null
    if (track !== (before?.track ?? null)) {
      this.#enqueue(slot, () => transceiver.sender.replaceTrack(track))
      if (slot.source === 'camera' && track) this.#applyUnwanted(slot)
    }
    if (
      slot.source === 'screen' &&
      track &&
      wish?.hint &&
      (wish.hint !== before?.hint || track !== before.track)
    ) {
      const { hint } = wish
      this.#enqueue(slot, () => applyHint(transceiver.sender, track, hint, this.#limit))
      if (slot.publicationId && before) this.#link.setHint(slot.publicationId, hint)
    }
    if (!before || !wish || before.shareId !== wish.shareId) {
      this.#endSecond(slot)
      transceiver.direction = wish ? 'sendonly' : 'inactive'
      slot.publicationId = null
      slot.confirmedMuted = null
      this.#request()
    } else {
      slot.second?.follow(wish, slot.secondUnwanted, this.#limit)
      this.#openSecond(slot, wish)
      this.#tellMuted(slot)
    }
  }

  #enqueue(slot: Slot, step: () => Promise<void>): void {
    slot.work = slot.work.then(step).catch(() => {
      // The transceiver was stopped, or the browser does not know a parameter; what is sent stays as it is.
    })
  }

  #request(): void {
    this.#queue.request().catch((error: unknown) => {
      const code = codeOf(error)
      if (passing.has(code)) this.#scope.timeout(() => this.#request(), againMs)
      // A lost connection is no failure: the resume begins the negotiation again.
      else if (!this.#scope.ended && code !== 'unavailable') this.#events.onError(code)
    })
  }

  async #negotiate(): Promise<void> {
    const connection = this.#connection
    if (this.#scope.ended || this.#slots.size === 0) return
    await connection.setLocalDescription(await connection.createOffer())
    const tracks = this.#tracks()
    const sdp = connection.localDescription?.sdp ?? ''
    let answer: Published
    try {
      answer = await this.#link.publish({ sdp, tracks })
    } catch (error) {
      if (codeOf(error) !== 'unavailable') await this.#rollBack()
      throw error
    }
    if (this.#scope.ended) return
    await connection.setRemoteDescription({ type: 'answer', sdp: this.#tuned(answer.sdp) })
    this.#candidates.flush()
    this.#settle(answer, tracks)
  }

  async #rollBack(): Promise<void> {
    if (this.#connection.signalingState === 'have-local-offer') {
      await this.#connection.setLocalDescription({ type: 'rollback' })
    }
  }

  #tracks(): PublishTrack[] {
    return order.flatMap((source) => {
      const slot = this.#slots.get(source)
      const mid = slot?.transceiver.mid
      if (!slot?.wish || !mid) return []
      const { muted, hint, shareId } = slot.wish
      const track = { mid, source, muted, ...(hint ? { hint } : {}), ...(shareId ? { shareId } : {}) }
      const second = slot.second?.transceiver.mid
      return second ? [track, { ...track, mid: second, secondOf: mid }] : [track]
    })
  }

  #tuned(answer: string): string {
    const sdp = repeatPackets(answer, (mid) => this.#repeatsSpeech && this.sourceOfMid(mid) === 'microphone')
    return tuneOpus(sdp, (mid) => {
      const source = this.sourceOfMid(mid)
      if (source === 'microphone') return speech
      return source === 'screenAudio' ? music : null
    })
  }

  /** Takes over what the server made of the tracks. */
  #settle(answer: Published, tracks: ReadonlyArray<PublishTrack>): void {
    for (const track of tracks) {
      if (track.secondOf) continue
      const slot = this.#slots.get(track.source)
      const published = answer.publications.find((one) => one.mid === track.mid)
      const refused = answer.refused?.find((one) => one.mid === track.mid)
      if (!slot?.wish || slot.wish.shareId !== track.shareId) continue
      if (published && published.publicationId !== slot.publicationId) {
        slot.publicationId = published.publicationId
        slot.confirmedMuted = track.muted
        if (this.#unwanted.size > 0 && isVideo(slot.source)) this.#applyUnwanted(slot)
      }
      if (refused) this.#events.onRefused(track.source, refused.code)
      else this.#tellMuted(slot)
    }
  }

  /** The server's mute wins where we had unmuted with its word: then a host muted us. Else ours is said again. */
  #reconcileMuted(slot: Slot, wish: SourceWish, muted: boolean): void {
    const mutedMeanwhile = muted && !wish.muted && slot.confirmedMuted === false
    slot.confirmedMuted = muted
    if (!mutedMeanwhile) {
      this.#tellMuted(slot)
      return
    }
    this.#obey(slot, wish)
    this.#events.onMutedMeanwhile(slot.source)
  }

  /** Muted by somebody else: nothing that was wished before may undo it. */
  #obey(slot: Slot, wish: SourceWish): void {
    slot.wish = { ...wish, muted: true }
    slot.confirmedMuted = true
  }

  /** Tells the server until it has confirmed what is wished; one message at a time, so that the last one counts. */
  #tellMuted(slot: Slot): void {
    const { publicationId, wish } = slot
    if (slot.telling || !publicationId || !wish || slot.confirmedMuted === wish.muted) return
    const { muted } = wish
    slot.telling = true
    this.#link.setMuted(publicationId, muted).then(
      () => {
        slot.telling = false
        if (slot.publicationId === publicationId) slot.confirmedMuted = muted
        this.#tellMuted(slot)
      },
      (error: unknown) => {
        slot.telling = false
        const code = codeOf(error)
        if (passing.has(code)) this.#scope.timeout(() => this.#tellMuted(slot), againMs)
        else if (code !== 'unavailable') this.#events.onError(code)
      },
    )
  }
}

function isVideo(source: Source): boolean {
  return source === 'camera' || source === 'screen'
}
