import type { FakeTrack } from './fakeMedia'

class FakeSender {
  track: FakeTrack | null
  readonly replaced: (FakeTrack | null)[] = []
  parameters: { encodings: Record<string, unknown>[]; degradationPreference?: string }

  constructor(track: FakeTrack | null, encodings: Record<string, unknown>[]) {
    this.track = track
    this.parameters = { encodings }
  }

  replaceTrack(track: FakeTrack | null): Promise<void> {
    this.track = track
    this.replaced.push(track)
    return Promise.resolve()
  }

  getParameters() {
    return structuredClone(this.parameters)
  }

  setParameters(parameters: FakeSender['parameters']): Promise<void> {
    this.parameters = parameters
    return Promise.resolve()
  }
}

export interface FakeTransceiver {
  mid: string | null
  direction: string
  sender: FakeSender
}

/** As much of a peer connection as offers need: it gives mids, keeps the order of descriptions, and breaks on glare. */
export class FakePeerConnection extends EventTarget {
  static last: FakePeerConnection | null = null

  readonly transceivers: FakeTransceiver[] = []
  signalingState = 'stable'
  connectionState = 'new'
  localDescription: { type: string; sdp: string } | null = null
  remoteDescription: { type: string; sdp: string } | null = null
  restarts = 0
  offers = 0

  constructor() {
    super()
    FakePeerConnection.last = this
  }

  addTransceiver(track: FakeTrack, init: { direction: string; sendEncodings: Record<string, unknown>[] }) {
    const sender = new FakeSender(track, init.sendEncodings)
    const transceiver: FakeTransceiver = { mid: null, direction: init.direction, sender }
    this.transceivers.push(transceiver)
    return transceiver
  }

  getTransceivers(): ReadonlyArray<FakeTransceiver> {
    return this.transceivers
  }

  createOffer(): Promise<{ type: string; sdp: string }> {
    this.offers += 1
    return Promise.resolve({ type: 'offer', sdp: `offer ${this.offers}` })
  }

  setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    if (description.type === 'rollback') {
      this.signalingState = 'stable'
      return Promise.resolve()
    }
    this.signalingState = 'have-local-offer'
    this.localDescription = description
    this.transceivers.forEach((transceiver, at) => {
      transceiver.mid ??= String(at)
    })
    return Promise.resolve()
  }

  setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    if (this.signalingState !== 'have-local-offer')
      throw new Error(`an answer in state ${this.signalingState}`)
    this.signalingState = 'stable'
    this.remoteDescription = description
    return Promise.resolve()
  }

  addIceCandidate(): Promise<void> {
    return Promise.resolve()
  }

  restartIce(): void {
    this.restarts += 1
  }

  close(): void {
    this.connectionState = 'closed'
  }

  become(state: string): void {
    this.connectionState = state
    this.dispatchEvent(new Event('connectionstatechange'))
  }
}
