import { expect, it } from 'vitest'
import { elapsed } from './elapsed'

it.each([
  [-5, '0:00'],
  [7_000, '0:07'],
  [1_458_999, '24:18'],
  [3_723_000, '1:02:03'],
])('%i ms is %s', (ms, text) => expect(elapsed(ms)).toBe(text))
