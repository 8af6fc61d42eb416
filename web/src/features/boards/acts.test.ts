import { describe, expect, it } from 'vitest'
import type { Board } from '@/core/api/types'
import { changed } from './acts'

const board = (id: string) => ({ id, title: id }) as Board
const pages = {
  pages: [{ items: [board('a'), board('b')], nextCursor: 'x' }, { items: [board('c')] }],
  pageParams: ['', 'x'],
}
const titles = (of: ReturnType<typeof changed>) =>
  of.pages.map(({ items }) => items.map(({ title }) => title))

describe('a board in the pages of a list', () => {
  it('is changed where it stands', () => {
    expect(titles(changed(pages, 'c', (one) => ({ ...one, title: 'C' })))).toEqual([['a', 'b'], ['C']])
  })
  it('is taken out', () => {
    expect(titles(changed(pages, 'a', () => null))).toEqual([['b'], ['c']])
  })
  it('leaves a list without it as it is', () => {
    expect(changed(pages, 'd', () => null)).toBe(pages)
  })
  it('keeps the way to the next page', () => {
    expect(changed(pages, 'a', () => null).pages[0]?.nextCursor).toBe('x')
  })
})
