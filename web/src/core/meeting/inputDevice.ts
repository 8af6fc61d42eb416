import { constraintsFor, type Facing, type InputKind, type Wish } from './constraints'
import { deviceFailure } from './deviceErrors'
import type { DeviceFailure, DeviceState } from './state'

export interface InputDeviceEvents {
  onChange(): void
  /** The device went away while it was in use; the label is the one it had. */
  onLost(label: string): void
}

/**
 * A microphone or camera of one's own. A microphone that is switched off is muted and keeps its track, so that it is
 * back at once; a camera that is switched off is stopped, so that its light goes out. Wishes are carried out one after
 * the other, and only the last one of several counts.
 */
export class InputDevice {
  readonly kind: InputKind
  readonly #events: InputDeviceEvents
  #wanted = false
  #wish: Wish = {}
  #state: DeviceState = { state: 'off' }
  #track: MediaStreamTrack | null = null
  #unwatch: () => void = () => {}
  #work: Promise<void> = Promise.resolve()
  #closed = false

  constructor(kind: InputKind, events: InputDeviceEvents) {
    this.kind = kind
    this.#events = events
  }

  get state(): DeviceState {
    return this.#state
  }

  get track(): MediaStreamTrack | null {
    return this.#track
  }

  get isWanted(): boolean {
    return this.#wanted
  }

  get wish(): Wish {
    return this.#wish
  }

  /** Remembers which device to use without opening it. */
  prefer(wish: Wish): void {
    this.#wish = wish
  }

  /** Off takes effect before this returns. */
  set(on: boolean): Promise<void> {
    this.#wanted = on
    if (!on) this.#turnOff()
    return this.#enqueue(() => (on ? this.#turnOn() : Promise.resolve()))
  }

  /** Uses another device from now on; when the device is open, it is exchanged. */
  select(wish: Wish): Promise<void> {
    this.#wish = wish
    return this.#enqueue(() => (this.#track || this.#wanted ? this.#exchange() : Promise.resolve()))
  }

  /** Marks the device as being opened by a common question for both. */
  starting(): void {
    this.#wanted = true
    this.#setState({ state: 'starting' })
  }

  /** Takes a track that was opened elsewhere. */
  adopt(track: MediaStreamTrack): void {
    if (this.#closed || (!this.#wanted && this.kind === 'camera')) {
      track.stop()
      return
    }
    this.#take(track)
  }

  /** The person refused a common question for both. */
  refuse(why: DeviceFailure): void {
    this.#fail(why)
  }

  close(): void {
    this.#closed = true
    this.#wanted = false
    this.#drop()
    this.#setState({ state: 'off' })
  }

  reopenable(): void {
    this.#closed = false
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(step, step)
    return this.#work
  }

  async #turnOn(): Promise<void> {
    if (!this.#wanted) return
    if (this.#track?.readyState === 'live') {
      this.#track.enabled = true
      this.#setState({ state: 'on' })
      return
    }
    this.#setState({ state: 'starting' })
    const opened = await openInput(this.kind, this.#wish)
    if ('why' in opened) this.#fail(opened.why)
    else this.adopt(opened.track)
  }

  #turnOff(): void {
    if (this.kind === 'microphone' && this.#track) {
      this.#track.enabled = false
      this.#setState({ state: 'muted' })
      return
    }
    this.#drop()
    this.#setState({ state: 'off' })
  }

  async #exchange(): Promise<void> {
    let opened = await openInput(this.kind, this.#wish)
    if ('why' in opened && opened.why === 'inUse' && this.#track) {
      // Phones open one camera at a time: let go of the old one first.
      this.#drop()
      this.#setState({ state: 'starting' })
      opened = await openInput(this.kind, this.#wish)
    }
    if ('track' in opened) this.adopt(opened.track)
    else if (!this.#track) this.#fail(opened.why)
  }

  #take(track: MediaStreamTrack): void {
    this.#drop()
    this.#track = track
    track.enabled = this.#wanted
    const onEnded = () => this.#onEnded(track)
    track.addEventListener('ended', onEnded)
    this.#unwatch = () => track.removeEventListener('ended', onEnded)
    if (this.kind === 'camera') track.contentHint = 'motion'
    this.#setState({ state: this.#wanted ? 'on' : 'muted' })
  }

  #fail(why: DeviceFailure): void {
    this.#wanted = false
    this.#setState({ state: 'failed', why })
  }

  #drop(): void {
    this.#unwatch()
    this.#unwatch = () => {}
    this.#track?.stop()
    this.#track = null
  }

  /** Unplugged, or taken back by the person or the system: go on with the default device if there is one. */
  #onEnded(track: MediaStreamTrack): void {
    if (track !== this.#track) return
    const label = track.label
    const wasWanted = this.#wanted
    this.#drop()
    this.#wish = {}
    this.#events.onLost(label)
    if (wasWanted) void this.#enqueue(() => this.#turnOn())
    else this.#setState({ state: 'off' })
  }

  #setState(state: DeviceState): void {
    this.#state = state
    this.#events.onChange()
  }
}

type Opened = { track: MediaStreamTrack } | { why: DeviceFailure }

/** Opens one device; when the wished one cannot be had, any other of its kind. */
async function openInput(kind: InputKind, wish: Wish): Promise<Opened> {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) return { why: 'insecure' }
  try {
    return await openWith(kind, wish, true)
  } catch (error) {
    const why = deviceFailure(error, true)
    if (why !== 'overconstrained' && !(why === 'notFound' && wish.deviceId)) return { why }
  }
  try {
    return await openWith(kind, {}, false)
  } catch (error) {
    return { why: deviceFailure(error, true) }
  }
}

async function openWith(kind: InputKind, wish: Wish, strict: boolean): Promise<{ track: MediaStreamTrack }> {
  const stream = await navigator.mediaDevices.getUserMedia(constraintsFor(kind, wish, strict))
  const track = kind === 'microphone' ? stream.getAudioTracks()[0] : stream.getVideoTracks()[0]
  if (!track) throw new DOMException('the stream has no track', 'NotFoundError')
  return { track }
}

/** The way the camera looks, where the browser tells. */
export function facingOf(track: MediaStreamTrack | null): Facing | null {
  const facing = track?.getSettings().facingMode
  return facing === 'user' || facing === 'environment' ? facing : null
}
