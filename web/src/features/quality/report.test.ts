import { describe, expect, it } from 'vitest'
import type { CallQuality, QualityPerson, QualitySpan } from '@/core/api/types'
import { barOf, bySide, frameOf, troubleMs, worstFirst } from './report'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 14, minute)).toISOString()

function span(from: number, to: number, side: QualitySpan['side'] = 'uplink'): QualitySpan {
  return { participantId: 'p', from: at(from), to: at(to), level: 'weak', side, reason: 'uplinkLoss' }
}

function person(key: string, ...spans: QualitySpan[]): QualityPerson {
  return { key, name: key, guest: false, program: false, stays: [], spans, seconds: 60 }
}

const report = (endedAt: string | null): CallQuality => ({
  meetingId: 'm',
  title: 'Weekly',
  runs: [],
  sessionId: 's',
  startedAt: at(0),
  endedAt,
  readAt: at(40),
  people: [],
})

describe('frameOf', () => {
  it('goes to the end, or to now while the meeting runs', () => {
    expect(frameOf(report(at(20))).to).toBe(Date.parse(at(20)))
    expect(frameOf(report(null)).to).toBe(Date.parse(at(40)))
  })
})

describe('barOf', () => {
  const frame = frameOf(report(at(20)))
  it.each([
    ['in the middle', at(5), at(10), 0, { left: 25, width: 25 }],
    ['until now', at(15), null, 0, { left: 75, width: 25 }],
    ['beyond both ends', at(-5), at(30), 0, { left: 0, width: 100 }],
    ['short at the end', at(20), at(20), 2, { left: 98, width: 2 }],
  ] as const)('%s', (_, from, to, least, want) => {
    expect(barOf(frame, from, to, least)).toEqual(want)
  })
})

describe('people', () => {
  const people = [person('a'), person('b', span(0, 1)), person('c', span(0, 2), span(5, 6, 'device'))]
  it('stand by how long they had trouble', () => {
    expect(worstFirst(people).map(({ key }) => key)).toEqual(['c', 'b', 'a'])
    expect(people.map(troubleMs)).toEqual([0, 60_000, 180_000])
  })
  it('are counted by side, once each', () => {
    expect(bySide(people)).toEqual([
      { side: 'uplink', count: 2 },
      { side: 'device', count: 1 },
    ])
  })
})
