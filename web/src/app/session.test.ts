import { expect, it, vi } from 'vitest'

vi.mock('./router', () => ({ router: {} }))

it.each([
  ['/meetings/1?x=2', '/meetings/1?x=2'],
  ['https://elsewhere.test/', '/meetings'],
  ['//elsewhere.test', '/meetings'],
  ['/\\elsewhere.test', '/meetings'],
  ['javascript:alert(1)', '/meetings'],
])('safeNext %s → %s', async (next, expected) => {
  const { safeNext } = await import('./session')
  expect(safeNext(next)).toBe(expected)
})
