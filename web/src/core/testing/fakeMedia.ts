/** Media devices that exist only in a test. */

export class FakeTrack extends EventTarget {
  enabled = true
  readyState: 'live' | 'ended' = 'live'
  contentHint = ''
  size: { width?: number; height?: number } = {}
  readonly kind: 'audio' | 'video'
  readonly label: string
  readonly deviceId: string

  constructor(kind: 'audio' | 'video', deviceId: string) {
    super()
    this.kind = kind
    this.deviceId = deviceId
    this.label = `label of ${deviceId}`
  }

  stop(): void {
    this.readyState = 'ended'
  }

  clone(): FakeTrack {
    return new FakeTrack(this.kind, this.deviceId)
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.deviceId, ...this.size }
  }

  /** The device is pulled out. */
  unplug(): void {
    this.readyState = 'ended'
    this.dispatchEvent(new Event('ended'))
  }
}

export class FakeStream {
  readonly tracks: FakeTrack[]
  constructor(tracks: FakeTrack[] = []) {
    this.tracks = tracks
  }
  getTracks(): FakeTrack[] {
    return this.tracks
  }
  getAudioTracks(): FakeTrack[] {
    return this.tracks.filter((track) => track.kind === 'audio')
  }
  getVideoTracks(): FakeTrack[] {
    return this.tracks.filter((track) => track.kind === 'video')
  }
}

type Refusal = { name: string; message?: string }

export class FakeMediaDevices extends EventTarget {
  devices: { kind: MediaDeviceKind; deviceId: string; label: string; groupId: string }[] = []
  /** Why a kind cannot be opened, if so. */
  refuse: { audio?: Refusal; video?: Refusal } = {}
  readonly asked: MediaStreamConstraints[] = []
  readonly opened: FakeTrack[] = []

  add(kind: MediaDeviceKind, deviceId: string): void {
    this.devices.push({ kind, deviceId, label: `label of ${deviceId}`, groupId: '' })
  }

  enumerateDevices(): Promise<unknown[]> {
    return Promise.resolve([...this.devices])
  }

  async getUserMedia(constraints: MediaStreamConstraints): Promise<FakeStream> {
    this.asked.push(constraints)
    const tracks = [this.#open('audio', constraints.audio), this.#open('video', constraints.video)]
    const opened = tracks.filter((track) => track !== null)
    this.opened.push(...opened)
    return new FakeStream(opened)
  }

  #open(kind: 'audio' | 'video', wish: boolean | MediaTrackConstraints | undefined): FakeTrack | null {
    if (!wish) return null
    const refusal = this.refuse[kind]
    if (refusal) throw new DOMException(refusal.message ?? '', refusal.name)
    const present = this.devices.filter((device) => device.kind === `${kind}input`)
    const { deviceId } =
      typeof wish === 'object' ? (wish as { deviceId?: { exact?: string; ideal?: string } }) : {}
    const wished = present.find((device) => device.deviceId === (deviceId?.exact ?? deviceId?.ideal))
    if (deviceId?.exact && !wished) throw new DOMException('', 'OverconstrainedError')
    const device = wished ?? present[0]
    if (!device) throw new DOMException('', 'NotFoundError')
    return new FakeTrack(kind, device.deviceId)
  }
}
