import { Scope } from '../scope'
import { StateStore, type Store } from '../store'
import { cameraConstraints, type InputKind, microphoneConstraints } from './constraints'
import { deviceFailure } from './deviceErrors'
import { groupDevices, newDevices, noDevices } from './deviceList'
import { findDevice, type RememberedKind, readDevice, writeDevice } from './devicePreferences'
import { facingOf, InputDevice } from './inputDevice'
import { meterLevel } from './levelMeter'
import { playTestTone } from './speakerTest'
import { SpeakingDetector } from './speakingDetector'
import type { LocalMedia, ShareView } from './state'

export type DeviceNotice = {
  kind: 'deviceLost' | 'deviceNew'
  device: { id: string; label: string; kind: MediaDeviceKind }
}

const deviceKinds: Record<RememberedKind, MediaDeviceKind> = {
  microphone: 'audioinput',
  camera: 'videoinput',
  speaker: 'audiooutput',
}

/**
 * Own microphone, camera and speaker, before and during a call; the call takes the tracks from here, so that going in
 * does not open the devices a second time.
 */
export class LocalMediaController implements Store<LocalMedia> {
  readonly #store: StateStore<LocalMedia>
  readonly #microphone: InputDevice
  readonly #camera: InputDevice
  readonly #detector = new SpeakingDetector()
  readonly #noticeListeners = new Set<(notice: DeviceNotice) => void>()
  #scope: Scope | null = null
  #meter: { track: MediaStreamTrack; scope: Scope } | null = null
  #cameraStream: MediaStream | null = null

  constructor() {
    this.#store = new StateStore(initialMedia())
    this.#microphone = this.#input('microphone')
    this.#camera = this.#input('camera')
  }

  readonly getSnapshot = (): LocalMedia => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  get microphoneTrack(): MediaStreamTrack | null {
    return this.#microphone.track
  }

  get cameraTrack(): MediaStreamTrack | null {
    return this.#camera.track
  }

  onNotice(listener: (notice: DeviceNotice) => void): () => void {
    this.#noticeListeners.add(listener)
    return () => this.#noticeListeners.delete(listener)
  }

  /** Opens what is wanted and is not open yet; asks for both together, so that there is one question. */
  async start(wanted: { microphone: boolean; camera: boolean }): Promise<void> {
    this.#watch()
    await this.#refreshDevices()
    this.#preferRemembered()
    const microphone = wanted.microphone && this.#microphone.state.state !== 'on'
    const camera = wanted.camera && this.#camera.state.state !== 'on'
    if (!(microphone && camera && (await this.#openBoth()))) {
      await Promise.all([
        microphone ? this.#microphone.set(true) : undefined,
        camera ? this.#camera.set(true) : undefined,
      ])
    }
    await this.#refreshDevices()
  }

  /** Lets go of all devices. */
  stop(): void {
    this.#microphone.close()
    this.#camera.close()
    this.#scope?.end()
    this.#scope = null
  }

  async setMicrophone(on: boolean): Promise<void> {
    this.#watch()
    if (on && !this.#microphone.track) this.#preferRemembered()
    await this.#microphone.set(on)
    if (on) await this.#refreshDevices()
  }

  async setCamera(on: boolean): Promise<void> {
    this.#watch()
    await this.#camera.set(on)
    if (on) await this.#refreshDevices()
  }

  async selectMicrophone(id: string): Promise<void> {
    this.#remember('microphone', id)
    await this.#microphone.select({ deviceId: id })
    this.#publish()
  }

  async selectCamera(id: string): Promise<void> {
    this.#remember('camera', id)
    await this.#camera.select({ deviceId: id })
    this.#publish()
  }

  async selectSpeaker(id: string): Promise<void> {
    this.#remember('speaker', id)
    this.#store.update((media) => ({ ...media, selected: { ...media.selected, speakerId: id } }))
  }

  /** The other side of the phone. */
  async flipCamera(): Promise<void> {
    const facing = facingOf(this.#camera.track) ?? this.#camera.wish.facing ?? 'user'
    await this.#camera.select({ facing: facing === 'user' ? 'environment' : 'user' })
    this.#publish()
  }

  testSpeaker(): Promise<void> {
    return playTestTone(this.getSnapshot().selected.speakerId)
  }

  /** Shows one's own share among the local media; the call owns it. */
  showSharing(sharing: ShareView | null): void {
    this.#store.update((media) => (media.sharing === sharing ? media : { ...media, sharing }))
  }

  #input(kind: InputKind): InputDevice {
    return new InputDevice(kind, {
      onChange: () => this.#publish(),
      onLost: (label) =>
        this.#tell({ kind: 'deviceLost', device: { id: '', label, kind: deviceKinds[kind] } }),
    })
  }

  #watch(): void {
    if (this.#scope) return
    this.#scope = new Scope()
    this.#microphone.reopenable()
    this.#camera.reopenable()
    if (!navigator.mediaDevices) return
    this.#scope.listen(navigator.mediaDevices, 'devicechange', () => void this.#onDeviceChange())
  }

  async #onDeviceChange(): Promise<void> {
    const before = this.getSnapshot().devices
    const after = await this.#refreshDevices()
    for (const device of newDevices(before, after)) {
      this.#tell({
        kind: 'deviceNew',
        device: { id: device.deviceId, label: device.label, kind: device.kind },
      })
    }
  }

  async #refreshDevices(): Promise<LocalMedia['devices']> {
    const found = await listDevices()
    const devices = found ? groupDevices(found) : noDevices
    this.#store.update((media) => {
      const speaker = findDevice(devices.speakers, readDevice('speaker'))
      const { speakerId: _, ...selected } = media.selected
      return {
        ...media,
        devices,
        selected: speaker ? { ...selected, speakerId: speaker.deviceId } : selected,
      }
    })
    return devices
  }

  #preferRemembered(): void {
    const { devices } = this.getSnapshot()
    for (const [input, present] of [
      [this.#microphone, devices.microphones],
      [this.#camera, devices.cameras],
    ] as const) {
      const remembered = readDevice(input.kind)
      const device = findDevice(present, remembered)
      // Before the first permission the list is empty; the id may still be right.
      const id = device?.deviceId ?? (present.length === 0 ? remembered?.id : undefined)
      if (id && !input.track) input.prefer({ deviceId: id })
    }
  }

  async #openBoth(): Promise<boolean> {
    if (!window.isSecureContext || !navigator.mediaDevices) return false
    this.#microphone.starting()
    this.#camera.starting()
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: microphoneConstraints(this.#microphone.wish, false),
        video: cameraConstraints(this.#camera.wish, false),
      })
      for (const track of stream.getAudioTracks()) this.#microphone.adopt(track)
      for (const track of stream.getVideoTracks()) this.#camera.adopt(track)
      return true
    } catch (error) {
      // A plain refusal would only be asked again; anything else may concern one of the two alone.
      return deviceFailure(error, true) === 'denied' && (await this.#refusedBoth())
    }
  }

  /** Whether both were refused, as far as the browser tells; if only one was, the other is tried alone. */
  async #refusedBoth(): Promise<boolean> {
    const states = await Promise.all([permission('microphone'), permission('camera')])
    const denied = states.filter((state) => state === 'denied').length
    if (states.includes('granted') || denied === 1) return false
    this.#microphone.refuse('denied')
    this.#camera.refuse('denied')
    return true
  }

  #remember(kind: RememberedKind, id: string): void {
    const { devices } = this.getSnapshot()
    const all = [...devices.microphones, ...devices.cameras, ...devices.speakers]
    const label = all.find((device) => device.kind === deviceKinds[kind] && device.deviceId === id)?.label
    writeDevice(kind, { id, label: label ?? '' })
  }

  #tell(notice: DeviceNotice): void {
    for (const listener of [...this.#noticeListeners]) listener(notice)
  }

  /** Draws the devices' states into the snapshot. */
  #publish(): void {
    const camera = this.#camera.track
    if (this.#cameraStream?.getVideoTracks()[0] !== (camera ?? undefined)) {
      this.#cameraStream = camera ? new MediaStream([camera]) : null
    }
    this.#followMicrophone()
    this.#store.update((media) => ({
      ...media,
      microphone: this.#microphone.state,
      camera: this.#camera.state,
      cameraStream: this.#cameraStream,
      mirrored: (facingOf(camera) ?? this.#camera.wish.facing) !== 'environment',
      selected: this.#selected(media),
      ...(this.#microphone.state.state === 'on' ? { speakingWhileMuted: false } : {}),
      ...(this.#microphone.track ? {} : { level: 0, speakingWhileMuted: false }),
    }))
  }

  #selected(media: LocalMedia): LocalMedia['selected'] {
    const microphoneId = this.#microphone.wish.deviceId ?? settingsId(this.#microphone.track)
    const cameraId = settingsId(this.#camera.track) ?? this.#camera.wish.deviceId
    return {
      ...(microphoneId ? { microphoneId } : {}),
      ...(cameraId ? { cameraId } : {}),
      ...(media.selected.speakerId ? { speakerId: media.selected.speakerId } : {}),
    }
  }

  #followMicrophone(): void {
    const track = this.#microphone.track
    if (this.#meter?.track === track) return
    this.#meter?.scope.end()
    this.#detector.reset()
    this.#meter = track ? { track, scope: meterLevel(track, (level) => this.#onLevel(level)) } : null
  }

  #onLevel(measured: number): void {
    const isMuted = this.#microphone.state.state === 'muted'
    if (!isMuted) this.#detector.reset()
    const speakingWhileMuted = isMuted && this.#detector.next(measured, performance.now())
    const level = isMuted ? 0 : measured
    this.#store.update((media) =>
      media.level === level && media.speakingWhileMuted === speakingWhileMuted
        ? media
        : { ...media, level, speakingWhileMuted },
    )
  }
}

function initialMedia(): LocalMedia {
  return {
    microphone: { state: 'off' },
    camera: { state: 'off' },
    devices: noDevices,
    selected: {},
    cameraStream: null,
    mirrored: true,
    level: 0,
    speakingWhileMuted: false,
    sharing: null,
    canSelectSpeaker: typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype,
    canShare: typeof navigator !== 'undefined' && 'getDisplayMedia' in (navigator.mediaDevices ?? {}),
  }
}

async function listDevices(): Promise<MediaDeviceInfo[] | null> {
  try {
    return (await navigator.mediaDevices?.enumerateDevices()) ?? null
  } catch {
    return null
  }
}

async function permission(name: 'microphone' | 'camera'): Promise<PermissionState | null> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state
  } catch {
    return null
  }
}

function settingsId(track: MediaStreamTrack | null): string | undefined {
  return track?.getSettings().deviceId
}
