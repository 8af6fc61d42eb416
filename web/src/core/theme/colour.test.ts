import { describe, expect, it } from 'vitest'
import { parseColour, toHex } from './colour'

describe('parseColour', () => {
  it.each([
    ['#2e5ce0', '#2e5ce0'],
    ['#fff', '#ffffff'],
    ['rgb(46, 92, 224)', '#2e5ce0'],
    ['rgb(10 12 16 / 56%)', 'rgba(10, 12, 16, 0.56)'],
    ['color(srgb 1 0.5 0)', '#ff8000'],
    ['oklab(1 0 0)', '#ffffff'],
    ['oklab(0.627955 0.224863 0.125846)', '#ff0000'],
    ['oklab(0.452014 -0.032457 -0.311528)', '#0000ff'],
  ])('%s → %s', (css, hex) => {
    const colour = parseColour(css)
    expect(colour && toHex(colour)).toBe(hex)
  })

  it('refuses what is not a colour', () => expect(parseColour('inherit')).toBeNull())
})
