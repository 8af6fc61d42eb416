import { describe, expect, it } from 'vitest'
import { identityColour, initials } from './initials'

describe('initials', () => {
  it.each([
    ['陈雨桐', '雨桐'],
    ['周静', '周静'],
    ['欧阳若曦', '若曦'],
    ['成都分公司会议室', '成都'],
    ['陈雨桐（市场部）', '雨桐'],
    ['Ana Ruiz (Sales)', 'AR'],
    ['Ana Ruiz', 'AR'],
    ['Kenji', 'K'],
    ['Li Wei 李伟', '李伟'],
    ['  ', '?'],
    ['maya.chen@acme.test', 'MT'],
    ['Chengdu branch, room 2', 'CD'],
    ['Shenzhen, 3rd floor', 'SZ'],
    ['Park, Daniel', 'PD'],
    ['Meeting room 2', 'M2'],
  ])('%s → %s', (name, expected) => expect(initials(name)).toBe(expected))
})

describe('identityColour', () => {
  it('is stable and within the palette', () => {
    expect(identityColour('a')).toBe(identityColour('a'))
    for (let n = 0; n < 100; n++) {
      const colour = identityColour(`user-${n}`)
      expect(colour).toBeGreaterThanOrEqual(1)
      expect(colour).toBeLessThanOrEqual(8)
    }
  })

  it('spreads ids that differ little', () => {
    const ids = Array.from(
      { length: 800 },
      (_, n) => `019ab1d2-7c3e-7000-8000-${n.toString(16).padStart(12, '0')}`,
    )
    const counts = new Map<number, number>()
    for (const id of ids) counts.set(identityColour(id), (counts.get(identityColour(id)) ?? 0) + 1)
    expect(counts.size).toBe(8)
    for (const count of counts.values()) expect(count).toBeGreaterThan(60)
  })
})
