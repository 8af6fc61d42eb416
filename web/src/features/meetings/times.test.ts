import { describe, expect, it } from 'vitest'
import type { MeetingSummary } from '@/core/api/types'
import { byDay, lengthOf, span, startOf } from './times'

const now = new Date(2026, 10, 20, 12, 0)

function meeting(part: Partial<MeetingSummary>): MeetingSummary {
  return {
    id: '1',
    code: 'abc-defg-hjk',
    title: 'Review',
    url: '',
    status: 'scheduled',
    cancelled: false,
    instant: false,
    startsAt: new Date(2026, 10, 20, 14, 0).toISOString(),
    durationMinutes: 30,
    timezone: 'UTC',
    nextOccurrence: null,
    startedAt: null,
    endedAt: null,
    host: { id: 'h', name: 'Host' },
    participantCount: 0,
    inviteeCount: 0,
    mine: true,
    canEdit: true,
    canReview: false,
    conversationId: 'c',
    ...part,
  }
}

describe('startOf', () => {
  it('takes the next occurrence of what comes and the last session of what was', () => {
    const next = new Date(2026, 10, 27, 14, 0)
    const began = new Date(2026, 10, 13, 14, 2)
    const weekly = meeting({ nextOccurrence: next.toISOString(), startedAt: began.toISOString() })
    expect(startOf(weekly, false)).toEqual(next)
    expect(startOf(weekly, true)).toEqual(began)
  })
})

describe('lengthOf', () => {
  it('is what was measured once it has ended', () => {
    const ended = meeting({ startedAt: '2026-11-20T06:00:00Z', endedAt: '2026-11-20T06:42:00Z' })
    expect(lengthOf(ended, true)).toBe(42 * 60_000)
    expect(lengthOf(ended, false)).toBe(30 * 60_000)
  })
})

describe('span', () => {
  it('names the second day when the meeting goes past midnight', () => {
    const start = new Date(2026, 10, 20, 23, 30)
    expect(span(start, 60 * 60_000, now, 'en')).toBe('Today 23:30 – Tomorrow 00:30')
    expect(span(new Date(2026, 10, 20, 14, 0), 60 * 60_000, now, 'zh-CN')).toBe('今天 14:00 – 15:00')
  })
})

describe('byDay', () => {
  it('keeps the order and groups neighbours', () => {
    const at = (day: number, hour: number) =>
      meeting({ startsAt: new Date(2026, 10, day, hour).toISOString() })
    const days = byDay([at(20, 14), at(20, 16), at(21, 9)], false, now, 'en')
    expect(days.map(({ name, meetings }) => [name, meetings.length])).toEqual([
      ['Today', 2],
      ['Tomorrow', 1],
    ])
  })
})
