import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Scope } from '../scope'
import { ViewReporter } from './view'
import type { Tile } from './wire'

const tile = (width: number) => ({ publicationId: 'a', width, height: 90 })

let sent: Tile[][]
let isOpen: boolean
let scope: Scope
let view: ViewReporter

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  isOpen = true
  scope = new Scope()
  view = new ViewReporter(scope, (tiles) => {
    if (isOpen) sent.push(tiles)
    return isOpen
  })
})

afterEach(() => {
  scope.end()
  vi.useRealTimers()
})

describe('ViewReporter', () => {
  it('sends at most five times a second, and the last word always', async () => {
    for (let step = 0; step <= 100; step += 1) {
      view.show([tile(100 + step)])
      await vi.advanceTimersByTimeAsync(10)
    }
    await vi.advanceTimersByTimeAsync(300)
    expect(sent.length).toBeLessThanOrEqual(7)
    expect(sent.at(-1)).toEqual([tile(200)])
  })

  it('sends nothing twice', async () => {
    view.show([tile(100)])
    await vi.advanceTimersByTimeAsync(300)
    view.show([tile(100.3)])
    await vi.advanceTimersByTimeAsync(300)
    expect(sent).toHaveLength(1)
  })

  it('says it again when the server has forgotten it', async () => {
    view.show([tile(100)])
    await vi.advanceTimersByTimeAsync(300)
    view.repeat()
    expect(sent).toHaveLength(2)
  })

  it('keeps what could not be sent for the next connection', async () => {
    isOpen = false
    view.show([tile(100)])
    isOpen = true
    view.repeat()
    expect(sent).toEqual([[tile(100)]])
  })

  it('keeps within what the server takes', () => {
    view.show([{ publicationId: 'a', width: Number.NaN, height: 99_999, pinned: true }])
    expect(sent).toEqual([[{ publicationId: 'a', width: 0, height: 16_384, pinned: true }]])
  })
})
