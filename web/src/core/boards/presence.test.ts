import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { Scope } from '@/core/scope'
import { BoardPresence, readPresence } from './presence'

describe('what others say of themselves', () => {
  it.each([null, 7, {}, { user: {} }, { user: { key: 'user:a' } }, { user: { key: 1, name: 'A' } }])(
    'is nobody without a name: %j',
    (state) => expect(readPresence(state)).toBeNull(),
  )

  it('keeps what makes sense and leaves out the rest', () => {
    const state = {
      user: { key: 'user:a', name: '王思远' },
      pointer: { x: 1, y: Number.NaN, tool: 'axe' },
      button: 'sideways',
      selected: ['a', 4, 'b'],
      view: [0, 0, 1],
      reaction: { emoji: '👍', x: 1, y: 2 },
    }
    expect(readPresence(state)).toEqual({
      user: { key: 'user:a', name: '王思远' },
      selected: ['a', 'b'],
      reaction: { emoji: '👍', x: 1, y: 2, number: 0 },
    })
  })
})

describe('at the board', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('many who move are read together', () => {
    const awareness = new Awareness(new Y.Doc())
    const scope = new Scope()
    const presence = new BoardPresence(awareness, { key: 'user:a', name: 'A' }, scope)
    const others = Array.from({ length: 40 }, () => new Awareness(new Y.Doc()))
    let told = 0
    presence.others.subscribe(() => told++)
    for (let round = 0; round < 30; round++) {
      for (const [at, other] of others.entries()) {
        other.setLocalState({ user: { key: `user:${at}`, name: `P${at}` }, pointer: { x: round, y: at } })
        applyAwarenessUpdate(awareness, encodeAwarenessUpdate(other, [other.clientID]), 'server')
      }
      vi.advanceTimersByTime(10)
    }
    vi.advanceTimersByTime(40)
    expect(told).toBeLessThanOrEqual(10)
    expect(presence.others.getSnapshot().size).toBe(40)
    for (const { pointer } of presence.others.getSnapshot().values()) expect(pointer?.x).toBe(29)
    scope.end()
    for (const one of [awareness, ...others]) one.destroy()
  })

  it('what we say of ourselves goes out at most fifteen times a second, the last word always', () => {
    const awareness = new Awareness(new Y.Doc())
    const scope = new Scope()
    const presence = new BoardPresence(awareness, { key: 'user:a', name: 'A' }, scope)
    let sent = 0
    awareness.on('update', () => sent++)
    for (let ms = 0; ms < 1000; ms += 4) {
      presence.tell({ pointer: { x: ms, y: 0, tool: 'pointer' } })
      vi.advanceTimersByTime(4)
    }
    vi.advanceTimersByTime(100)
    expect(sent).toBeLessThanOrEqual(17)
    expect(awareness.getLocalState()).toMatchObject({ pointer: { x: 996 }, user: { name: 'A' } })
    scope.end()
    awareness.destroy()
  })
})
