import { describe, expect, it } from 'vitest'
import { clampPage, galleryOrder, type Orderable, pageCount, pageOf, stripOrder, withTile } from './order'

const people = (n: number, self: number): Orderable[] =>
  Array.from({ length: n }, (_, i) => ({ id: `p${i + 1}`, isSelf: i + 1 === self }))
const nobody = new Map<string, number>()

describe('withTile', () => {
  it('leaves out programs that only show the meeting elsewhere', () => {
    const list = [{ id: 'a' }, { id: 'b', kind: 'viewer' as const }, { id: 'c', kind: 'ingest' as const }]
    expect(withTile<{ id: string; kind?: 'viewer' | 'ingest' }>(list).map((one) => one.id)).toEqual([
      'a',
      'c',
    ])
  })
})

describe('galleryOrder', () => {
  it('puts oneself last when all fit', () => {
    expect(galleryOrder(people(3, 1), [], 16, nobody, null)).toEqual(['p2', 'p3', 'p1'])
  })

  it('puts oneself at the end of the first page when not all fit', () => {
    expect(galleryOrder(people(6, 1), [], 4, nobody, null)).toEqual(['p2', 'p3', 'p4', 'p1', 'p5', 'p6'])
  })

  it('brings a speaker from another page in for the one silent longest, moving nobody else', () => {
    const before = galleryOrder(people(6, 1), [], 4, nobody, null)
    const spoke = new Map([
      ['p2', 50],
      ['p3', 10],
      ['p4', 20],
      ['p6', 60],
    ])
    expect(galleryOrder(people(6, 1), before, 4, spoke, 'p6')).toEqual(['p2', 'p6', 'p4', 'p1', 'p5', 'p3'])
  })

  it('does not move a speaker who is in sight already', () => {
    const before = galleryOrder(people(6, 1), [], 4, nobody, null)
    expect(galleryOrder(people(6, 1), before, 4, new Map([['p3', 9]]), 'p3')).toEqual(before)
  })

  it('keeps places when somebody leaves and another joins', () => {
    const before = ['p2', 'p6', 'p4', 'p1', 'p5', 'p3']
    const now = [...people(6, 1).filter((p) => p.id !== 'p4'), { id: 'p7', isSelf: false }]
    expect(galleryOrder(now, before, 4, nobody, null)).toEqual(['p2', 'p6', 'p5', 'p1', 'p3', 'p7'])
  })
})

describe('stripOrder', () => {
  it('shows the pinned one, then who spoke last, and oneself in the last place', () => {
    const spoke = new Map([
      ['p3', 5],
      ['p5', 9],
    ])
    expect(stripOrder(people(6, 1), spoke, 'p6', 4)).toEqual(['p6', 'p5', 'p3', 'p1', 'p2', 'p4'])
  })
})

describe('pages', () => {
  it('counts, cuts and clamps', () => {
    expect(pageCount(0, 16)).toBe(1)
    expect(pageCount(16, 16)).toBe(1)
    expect(pageCount(17, 16)).toBe(2)
    expect(pageOf([1, 2, 3, 4, 5], 1, 2)).toEqual([3, 4])
    expect(clampPage(5, 2)).toBe(1)
    expect(clampPage(-1, 2)).toBe(0)
  })
})
