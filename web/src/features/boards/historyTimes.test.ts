import { describe, expect, it } from 'vitest'
import type { BoardChange } from '@/core/api/types'
import { changeAt, changesByDay, placeOf } from './historyTimes'

const change = (seq: number, at: string): BoardChange => ({ seq, since: at, at, authors: [], bytes: 1 })
const now = new Date('2026-11-23T12:00:00')
const changes = [
  change(40, '2026-11-23T11:20:00'),
  change(30, '2026-11-23T09:00:00'),
  change(20, '2026-11-22T18:00:00'),
  change(10, '2026-11-03T18:00:00'),
]

it('groups changes by the day as it is said', () => {
  expect(
    changesByDay(changes, now, 'en').map(({ name, changes: of }) => [name, of.map(({ seq }) => seq)]),
  ).toEqual([
    ['Today', [40, 30]],
    ['Yesterday', [20]],
    ['Tue, Nov 3', [10]],
  ])
})

describe('the slider', () => {
  it('has the newest at its right end', () => {
    expect(placeOf(changes, 40)).toBe(3)
    expect(placeOf(changes, 10)).toBe(0)
  })
  it('goes to the newest for a change that is not there', () => {
    expect(placeOf(changes, 99)).toBe(3)
  })
  it.each([0, 1, 2, 3])('finds again what stands at %i', (place) => {
    expect(placeOf(changes, changeAt(changes, place)?.seq ?? -1)).toBe(place)
  })
  it('has nothing beyond its ends', () => {
    expect(changeAt(changes, 4)).toBeUndefined()
  })
})
