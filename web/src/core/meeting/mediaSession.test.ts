import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeTrack } from '../testing/fakeMedia'
import { FakePeerConnection } from '../testing/fakePeerConnection'
import { type MediaLink, MediaSession, type OwnTracks } from './mediaSession'
import { emptyRoom } from './reduce'
import type { ScreenCapture } from './screenCapture'
import type { CallStats } from './state'
import type { UplinkSample } from './thinUplink'

const connections: FakePeerConnection[] = []
let mutes: [id: string, muted: boolean][]
let heldBefore: boolean[]
let session: MediaSession

const link: MediaLink = {
  publish: ({ sdp, tracks }) =>
    Promise.resolve({
      sdp,
      publications: tracks.map(({ mid, source }) => ({ mid, publicationId: source })),
      refused: [],
    }),
  setMuted: (id, muted) => {
    mutes.push([id, muted])
    return Promise.resolve()
  },
  setHint: () => {},
  sendCandidate: () => {},
  answer: () => {},
  restartIce: () => {},
}

const track = (kind: 'audio' | 'video') => new FakeTrack(kind, kind) as unknown as MediaStreamTrack
const own: OwnTracks = {
  microphone: { track: track('audio'), muted: false },
  camera: { track: track('video'), muted: false },
  share: null,
}
const share = { hint: 'text', shareId: 's', video: track('video'), audio: null } as unknown as ScreenCapture
const stats = { uplinkLoss: 0, availableUpBitsPerSecond: null } as CallStats
const settle = () => vi.advanceTimersByTimeAsync(10)

/** What the camera's encodings may have: the bits per second of those that are sent. */
const camera = () =>
  connections[0]?.transceivers[1]?.sender.parameters.encodings.flatMap(({ active, maxBitrate }) =>
    active === false ? [] : maxBitrate,
  )

let now: UplinkSample
let soundSent: number
let soundLost: number

/** What the browser tells a second after the time before. */
function statistics() {
  soundSent += 50
  soundLost += 50 * (now.soundLoss ?? 0)
  return [
    {
      id: 'sound',
      type: 'outbound-rtp',
      kind: 'audio',
      mid: '0',
      remoteId: 'report',
      packetsSent: soundSent,
      bytesSent: 100 * soundSent,
    },
    {
      id: 'report',
      type: 'remote-inbound-rtp',
      packetsLost: soundLost,
      roundTripTime: (now.roundTripMs ?? 0) / 1000,
    },
  ]
}

async function measure(seconds: number, sample: UplinkSample): Promise<void> {
  now = sample
  for (let at = 0; at < seconds; at += 2) {
    await vi.advanceTimersByTimeAsync(2_000)
    session.adapt(stats, sample)
  }
  await settle()
}

const free: UplinkSample = {
  soundLoss: 0,
  roundTripMs: 20,
  carriedBitsPerSecond: 150_000,
  availableBitsPerSecond: null,
}
const full: UplinkSample = { ...free, soundLoss: 0.3, roundTripMs: 320 }
const queued: UplinkSample = { ...full, soundLoss: 0 }

beforeEach(async () => {
  vi.useFakeTimers()
  connections.length = 0
  vi.stubGlobal(
    'RTCPeerConnection',
    class extends FakePeerConnection {
      constructor() {
        super()
        connections.push(this)
      }

      getStats() {
        return Promise.resolve(new Map(statistics().map((entry) => [entry.id, entry])))
      }
    },
  )
  vi.stubGlobal('RTCRtpReceiver', {})
  now = free
  soundSent = 0
  soundLost = 0
  mutes = []
  heldBefore = []
  session = new MediaSession([], { camera: 'VP8', share: 'VP8' }, () => emptyRoom, link, {
    onStreams: () => {},
    onCameraHeld: () => heldBefore.push(session.isCameraHeld),
    onRefused: () => {},
    onRemoved: () => {},
    onMutedMeanwhile: () => {},
    onGap: () => {},
    onError: () => {},
  })
  session.publish(own)
  await settle()
  await measure(4, free)
})

afterEach(() => {
  session.close()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('a thin uplink', () => {
  it('bounds the camera, and lets it go when the link is well', async () => {
    const all = camera()
    await measure(2, full)
    expect(camera()).toEqual([30_000])
    expect(session.isCameraLimited).toBe(true)
    await measure(20, free)
    expect(camera()).toEqual(all)
    expect(mutes).toEqual([])
  })

  it('stops the camera where the least is too much, and says so', async () => {
    await measure(12, full)
    expect(camera()).toEqual([])
    expect(session.isCameraHeld).toBe(true)
    expect(mutes).toEqual([['camera', true]])
    await measure(20, free)
    expect(session.isCameraHeld).toBe(false)
    expect(mutes).toEqual([
      ['camera', true],
      ['camera', false],
    ])
    expect(heldBefore).toEqual([true, false])
  })

  it('stops the camera for a share, which keeps its size', async () => {
    await measure(2, full)
    session.publish({ ...own, share })
    await measure(6, queued)
    const shared = connections[0]?.transceivers[2]?.sender.parameters.encodings
    expect(shared).toMatchObject([{ scaleResolutionDownBy: 1, maxBitrate: 2_500_000, maxFramerate: 5 }])
    expect(camera()).toEqual([])
    session.publish(own)
    await settle()
    expect(camera()).toEqual([30_000])
    expect(heldBefore).toEqual([true, false])
  })

  it('is forgotten with the network', async () => {
    const all = camera()
    await measure(2, full)
    session.restartIce()
    await settle()
    expect(camera()).toEqual(all)
  })
})
