import { describe, expect, it } from 'vitest'
import { Redundancy } from './redundancy'

describe('Redundancy', () => {
  const rich = 1_000_000

  it('begins with loss that stays, and ends when it was calm for long', () => {
    const redundancy = new Redundancy()
    const steps: [seconds: number, loss: number, on: boolean][] = [
      [0, 0, false],
      [2, 0.01, false],
      [4, 0.03, true],
      [14, 0.005, true],
      [16, 0.015, true],
      [34, 0, true],
      [38, 0, false],
      [40, 0.02, true],
    ]
    for (const [seconds, loss, on] of steps)
      expect(redundancy.next({ loss, availableBitsPerSecond: rich }, seconds * 1000), `${seconds} s`).toBe(on)
  })

  it('stays off on a thin link', () => {
    const redundancy = new Redundancy()
    expect(redundancy.next({ loss: 0.1, availableBitsPerSecond: 150_000 }, 0)).toBe(false)
    expect(redundancy.next({ loss: 0.1, availableBitsPerSecond: null }, 2000)).toBe(true)
    expect(redundancy.next({ loss: 0.1, availableBitsPerSecond: 150_000 }, 4000)).toBe(false)
  })
})
