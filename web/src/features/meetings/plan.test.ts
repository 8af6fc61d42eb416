import { describe, expect, it } from 'vitest'
import { bodyOf, newPlan } from './plan'

const now = new Date(2026, 10, 20, 14, 10)

describe('newPlan', () => {
  it('begins at the next half hour', () => {
    expect(newPlan(now).start).toEqual(new Date(2026, 10, 20, 14, 30))
    expect(newPlan(new Date(2026, 10, 20, 14, 30)).start).toEqual(new Date(2026, 10, 20, 15, 0))
  })
})

describe('bodyOf', () => {
  it('sends the rule with the zone it is reckoned in', () => {
    const plan = {
      ...newPlan(now),
      title: ' Review ',
      recurrence: { frequency: 'weekly', end: { kind: 'never' } },
    } as const
    expect(bodyOf({ ...plan, inviteeIds: ['a'], coHostIds: ['a', 'b'] }, 'Asia/Shanghai')).toMatchObject({
      title: 'Review',
      timezone: 'Asia/Shanghai',
      rrule: 'FREQ=WEEKLY;BYDAY=FR',
      inviteeIds: ['a'],
      coHostIds: ['a'],
    })
  })

  it('makes a recurring meeting single again', () => expect(bodyOf(newPlan(now), 'UTC').rrule).toBe(''))

  it('leaves a rule alone that it cannot show', () => {
    expect(bodyOf({ ...newPlan(now), recurrence: null }, 'UTC')).not.toHaveProperty('rrule')
  })
})
