import { describe, expect, it } from 'vitest'
import { Verdict } from './qualityWatch'
import { assess, compareStats, type Identify, type Measurement, type StatsEntry } from './stats'
import type { ReportStats } from './wire'

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
      qualityLimitationReason: 'bandwidth',
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
      roundTripMs: 50,
      uplinkLoss: 0.1,
      downlinkLoss: 0.1,
      freezeMs: 300,
      cpuLimited: false,
      bandwidthLimited: true,
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
    expect(report).toMatchObject({ uplinkLoss: 0, downlinkLoss: 0, freezeMs: 0 })
  })

  it('bears a browser that tells nothing', () => {
    const nothing: Measurement = { atMs: 0, publish: [], subscribe: [] }
    expect(compareStats(nothing, nothing, identify).call).toMatchObject({ roundTripMs: null, streams: [] })
  })
})

const fine: ReportStats = {
  roundTripMs: 20,
  uplinkLoss: 0,
  downlinkLoss: 0,
  freezeMs: 0,
  cpuLimited: false,
  bandwidthLimited: false,
}

describe('assess', () => {
  it.each([
    [{}, 'good', undefined],
    [{ uplinkLoss: 0.06 }, 'weak', 'uplinkLoss'],
    [{ downlinkLoss: 0.2, uplinkLoss: 0.06 }, 'bad', 'downlinkLoss'],
    [{ roundTripMs: 600 }, 'weak', 'roundTrip'],
    [{ cpuLimited: true }, 'good', undefined],
  ] as const)('%o is %s', (change, level, reason) => {
    const quality = assess({ ...fine, ...change })
    expect([quality.level, quality.reason]).toEqual([level, reason])
  })
})

describe('Verdict', () => {
  it('changes only after several samples that agree', () => {
    const verdict = new Verdict()
    const samples = [
      'good',
      'weak',
      'good',
      'weak',
      'weak',
      'weak',
      'good',
      'good',
      'weak',
      'good',
      'good',
      'good',
    ] as const
    const changes = samples.map((level) => verdict.next({ level })?.level ?? '-')
    expect(changes.join(' ')).toBe('- - - - weak - - - - - - good')
  })
})
