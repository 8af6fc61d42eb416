import { describe, expect, it } from 'vitest'
import { fromRRule, type Recurrence, toRRule } from './recurrence'

const friday = new Date(2026, 10, 20, 14, 0)
const never = { kind: 'never' } as const

describe('toRRule', () => {
  it.each<[Recurrence, string | undefined]>([
    [{ frequency: 'none', end: never }, undefined],
    [{ frequency: 'daily', end: never }, 'FREQ=DAILY'],
    [{ frequency: 'weekdays', end: never }, 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'],
    [{ frequency: 'weekly', end: { kind: 'after', count: 10 } }, 'FREQ=WEEKLY;BYDAY=FR;COUNT=10'],
    [{ frequency: 'monthly', end: never }, 'FREQ=MONTHLY;BYMONTHDAY=20'],
  ])('%j → %s', (recurrence, rule) => expect(toRRule(recurrence, friday)).toBe(rule))

  it('ends with the last day in the reader’s zone', () => {
    const until = new Date(2026, 11, 31)
    const rule = toRRule({ frequency: 'daily', end: { kind: 'on', date: until } }, friday)
    const back = fromRRule(rule)
    expect(back?.end).toEqual({ kind: 'on', date: new Date(2026, 11, 31, 23, 59, 59) })
  })
})

describe('fromRRule', () => {
  it.each<[string | undefined, Recurrence | null]>([
    [undefined, { frequency: 'none', end: never }],
    ['RRULE:FREQ=DAILY', { frequency: 'daily', end: never }],
    ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=5', { frequency: 'weekdays', end: { kind: 'after', count: 5 } }],
    ['FREQ=WEEKLY;BYDAY=FR', { frequency: 'weekly', end: never }],
    ['FREQ=MONTHLY;BYMONTHDAY=20', { frequency: 'monthly', end: never }],
    ['FREQ=WEEKLY;BYDAY=MO,WE', null],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=FR', null],
    ['FREQ=MONTHLY;BYDAY=1FR', null],
    ['FREQ=YEARLY', null],
    ['FREQ=DAILY;UNTIL=soon', null],
    ['FREQ=DAILY;COUNT=0', null],
  ])('%s', (rule, recurrence) => expect(fromRRule(rule)).toEqual(recurrence))

  it('reads what toRRule wrote', () => {
    for (const frequency of ['daily', 'weekdays', 'weekly', 'monthly'] as const) {
      const recurrence: Recurrence = { frequency, end: { kind: 'after', count: 3 } }
      expect(fromRRule(toRRule(recurrence, friday))).toEqual(recurrence)
    }
  })
})
