import { describe, expect, it } from 'vitest'
import { place } from './place'

const screen = { width: 1000, height: 800 }
const at = (left: number, top: number) => ({
  left,
  top,
  right: left + 40,
  bottom: top + 40,
  width: 40,
  height: 40,
})

describe('place', () => {
  it.each([
    ['above, centred', at(500, 700), 'top', 'center', { left: 420, top: 492 }],
    ['below, at the end', at(500, 100), 'bottom', 'end', { left: 340, top: 148 }],
    ['other side without room above', at(500, 20), 'top', 'start', { left: 500, top: 68 }],
    ['other side without room below', at(500, 740), 'bottom', 'start', { left: 500, top: 532 }],
    ['inside at the right edge', at(955, 700), 'top', 'center', { left: 792, top: 492 }],
    ['inside at the left edge', at(0, 700), 'top', 'center', { left: 8, top: 492 }],
  ] as const)('%s', (_, anchor, side, align, expected) => {
    expect(place(anchor, { width: 200, height: 200 }, screen, side, align)).toEqual(expected)
  })
})
