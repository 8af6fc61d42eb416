import { describe, expect, it } from 'vitest'
import { compareStats } from './stats'
import type { Identify, Measurement, StatsEntry } from './statsChanges'

const identify: Identify = {
  publish: (mid) => (mid === '1' ? { publicationId: 'cam', participantId: 'me', source: 'camera' } : null),
  subscribe: (mid) =>
    mid === '0' ? { publicationId: 'their-cam', participantId: 'b', source: 'camera' } : null,
}

function measurement(atMs: number, scale: number): Measurement {
  const publish: StatsEntry[] = [
    { id: 't', type: 'transport', selectedCandidatePairId: 'pair' },
    { id: 'pair', type: 'candidate-pair', currentRoundTripTime: 0.05, localCandidateId: 'local' },
    { id: 'local', type: 'local-candidate', protocol: 'udp', candidateType: 'host' },
    { id: 'codec', type: 'codec', mimeType: 'video/VP8' },
    {
      id: 'q',
      type: 'outbound-rtp',
      mid: '1',
      packetsSent: 100 * scale,
      bytesSent: 10_000 * scale,
      frameWidth: 320,
      frameHeight: 180,
      framesPerSecond: 30,
      codecId: 'codec',
    },
    {
      id: 'f',
      type: 'outbound-rtp',
      mid: '1',
      packetsSent: 900 * scale,
      bytesSent: 90_000 * scale,
      frameWidth: 1280,
      frameHeight: 720,
      framesPerSecond: 30,
      codecId: 'codec',
      qualityLimitationDurations: { none: 5, cpu: 0.4 * scale, bandwidth: 1.5 * scale },
    },
    { id: 'r', type: 'remote-inbound-rtp', packetsLost: 100 * scale },
  ]
  const subscribe: StatsEntry[] = [
    {
      id: 'q',
      type: 'inbound-rtp',
      mid: '0',
      packetsReceived: 90 * scale,
      packetsLost: 10 * scale,
      bytesReceived: 5_000 * scale,
      framesDecoded: 60 * scale,
      totalFreezesDuration: 0.3 * scale,
    },
  ]
  return { atMs, publish, subscribe }
}

describe('compareStats', () => {
  it('reckons differences between two measurements', () => {
    const { call, report } = compareStats(measurement(0, 1), measurement(2_000, 2), identify)
    expect(report).toEqual({
      intervalMs: 2000,
      roundTripMs: 50,
      downlinkLoss: 0.1,
      freezeMs: 300,
      cpuLimitedMs: 400,
      bandwidthLimitedMs: 1500,
      sent: [{ publicationId: 'cam', framesPerSecond: 30, cpuLimitedMs: 400, bandwidthLimitedMs: 1500 }],
      received: [{ publicationId: 'their-cam', lost: 10, jitterMs: 0, freezeMs: 300 }],
    })
    expect(call).toMatchObject({ transport: 'udp', upBitsPerSecond: 400_000, downBitsPerSecond: 20_000 })
  })

  it('tells a camera in layers as one stream of the largest size', () => {
    const { call } = compareStats(measurement(0, 1), measurement(2_000, 2), identify)
    expect(call.streams).toMatchObject([
      { publicationId: 'cam', direction: 'up', width: 1280, bitsPerSecond: 400_000, codec: 'VP8' },
      { publicationId: 'their-cam', direction: 'down', framesPerSecond: 30 },
    ])
  })

  it('takes no rate from a single measurement', () => {
    const { report } = compareStats(null, measurement(0, 1), identify)
    expect(report).toEqual({
      intervalMs: 0,
      roundTripMs: 50,
      downlinkLoss: 0,
      freezeMs: 0,
      cpuLimitedMs: 0,
      bandwidthLimitedMs: 0,
    })
  })

  it('bears a browser that tells nothing', () => {
    const nothing: Measurement = { atMs: 0, publish: [], subscribe: [] }
    expect(compareStats(nothing, nothing, identify).call).toMatchObject({ roundTripMs: null, streams: [] })
  })

  it('reports only streams that have something to tell', () => {
    const quiet = (atMs: number): Measurement => ({
      atMs,
      publish: [{ id: 'f', type: 'outbound-rtp', mid: '1', qualityLimitationDurations: { cpu: 3 } }],
      subscribe: [{ id: 'q', type: 'inbound-rtp', mid: '0', packetsReceived: atMs, jitter: 0.004 }],
    })
    const { report } = compareStats(quiet(0), quiet(2_000), identify)
    expect(report).not.toHaveProperty('sent')
    expect(report).not.toHaveProperty('received')
  })

  it('takes packets that came late for none that were lost', () => {
    const late = (atMs: number, packetsLost: number): Measurement => ({
      atMs,
      publish: [
        { id: 'q', type: 'outbound-rtp', mid: '1', packetsSent: atMs },
        { id: 'r', type: 'remote-inbound-rtp', packetsLost },
      ],
      subscribe: [{ id: 'q', type: 'inbound-rtp', mid: '0', packetsReceived: atMs, packetsLost }],
    })
    const { call, report } = compareStats(late(0, 500), late(2_000, 498), identify)
    expect(report.downlinkLoss).toBe(0)
    expect(report).not.toHaveProperty('received')
    expect(call).toMatchObject({
      uplinkLoss: 0,
      streams: [{ direction: 'up' }, { direction: 'down', loss: 0 }],
    })
  })

  it('tells what the uplink loses of the sound, how long it takes and what it carries', () => {
    const stream = (kind: string, id: string, packetsSent: number, bytesSent: number, report: object) => [
      { id, type: 'outbound-rtp', kind, mid: kind, remoteId: `r${id}`, packetsSent, bytesSent },
      { id: `r${id}`, type: 'remote-inbound-rtp', ...report },
    ]
    const sent = (atMs: number, withPictures: boolean): Measurement => ({
      atMs,
      publish: [
        ...stream('audio', 'a', atMs / 20, 6 * atMs, {
          packetsLost: atMs / 100,
          fractionLost: 0.1,
          roundTripTime: 0.4,
        }),
        ...(withPictures
          ? stream('video', 'q', atMs / 40, 10 * atMs, {
              packetsLost: 7,
              fractionLost: 0.5,
              roundTripTime: 0.3,
            })
          : []),
        ...stream('video', 'f', 900, 90_000, { packetsLost: 7, fractionLost: 0, roundTripTime: 0.9 }),
      ],
      subscribe: [],
    })
    const sources: Identify = {
      publish: (mid) => ({
        publicationId: mid,
        participantId: 'me',
        source: mid === 'audio' ? 'microphone' : 'camera',
      }),
      subscribe: () => null,
    }
    expect(compareStats(sent(2_000, true), sent(4_000, true), sources).uplink).toEqual({
      soundLoss: 0.2,
      roundTripMs: 300,
      carriedBitsPerSecond: 48_000 * 0.8 + 80_000 * 0.5,
      availableBitsPerSecond: null,
    })
    expect(compareStats(sent(2_000, false), sent(4_000, false), sources).uplink.roundTripMs).toBe(400)
    expect(compareStats(sent(2_000, true), sent(2_200, true), sources).uplink.soundLoss).toBeNull()
  })

  it('takes no freeze for one that was longer than the time', () => {
    const still = (atMs: number): Measurement => ({
      atMs,
      publish: [],
      subscribe: [{ id: 'q', type: 'inbound-rtp', mid: '0', totalFreezesDuration: (3 * atMs) / 1000 }],
    })
    expect(compareStats(still(0), still(2_000), identify).report.freezeMs).toBe(0)
  })
})
