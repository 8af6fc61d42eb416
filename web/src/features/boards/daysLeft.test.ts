import { expect, it } from 'vitest'
import { daysLeft } from './daysLeft'

it.each([
  ['2026-11-01T10:00:00Z', '2026-11-01T10:00:00Z', 30],
  ['2026-11-01T10:00:00Z', '2026-11-01T10:00:01Z', 30],
  ['2026-11-01T10:00:00Z', '2026-11-30T09:00:00Z', 2],
  ['2026-11-01T10:00:00Z', '2026-12-01T09:59:00Z', 1],
  ['2026-11-01T10:00:00Z', '2026-12-05T10:00:00Z', 1],
])('a board deleted at %s has at %s %i days left', (deleted, now, days) => {
  expect(daysLeft(deleted, new Date(now))).toBe(days)
})
