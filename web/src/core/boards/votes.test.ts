import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { Scope } from '@/core/scope'
import { BoardVotes } from './votes'

function voter(personKey: string, votesEach: unknown = 3) {
  const doc = new Y.Doc()
  doc.getMap('meta').set('votes', votesEach)
  for (const id of ['a', 'b']) doc.getMap('elements').set(id, { id })
  const scope = new Scope()
  return { doc, scope, votes: new BoardVotes(doc, personKey, scope) }
}

function exchange(...docs: Y.Doc[]) {
  for (const from of docs)
    for (const to of docs) if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from))
}

describe('votes', () => {
  it('of two people at the same moment all count', () => {
    const [maya, kenji] = [voter('user:m'), voter('user:k')]
    exchange(maya.doc, kenji.doc)
    maya.votes.give('a')
    maya.votes.give('a')
    kenji.votes.give('a')
    exchange(maya.doc, kenji.doc)
    expect(maya.votes.tally.getSnapshot().byElement.get('a')).toEqual({ all: 3, own: 2 })
    expect(kenji.votes.tally.getSnapshot().byElement.get('a')).toEqual({ all: 3, own: 1 })
    expect(maya.votes.tally.getSnapshot().left).toBe(1)
  })

  it('are no more than each has, and can be taken back', () => {
    const { votes } = voter('user:m')
    for (let at = 0; at < 5; at++) votes.give('a')
    expect(votes.tally.getSnapshot()).toMatchObject({ left: 0 })
    expect(votes.tally.getSnapshot().byElement.get('a')?.all).toBe(3)
    for (let at = 0; at < 5; at++) votes.takeBack('a')
    expect(votes.tally.getSnapshot().byElement.size).toBe(0)
    votes.takeBack('b')
    expect(votes.tally.getSnapshot().left).toBe(3)
  })

  it('for what was removed are free again', () => {
    const { doc, votes } = voter('user:m')
    votes.give('a')
    doc.getMap('elements').delete('a')
    expect(votes.tally.getSnapshot()).toMatchObject({ left: 3 })
  })

  it.each([null, 0, -1, 'many', 2.5])('there are none on a board that has %s each', (each) => {
    const { votes } = voter('user:m', each)
    votes.give('a')
    expect(votes.tally.getSnapshot()).toMatchObject({ each: null, left: 0 })
  })

  it('nonsense in the document counts nothing', () => {
    const { doc, votes } = voter('user:m')
    for (const [key, value] of [
      ['a', 1],
      ['a:user:k', 'x'],
      ['a:user:j', -4],
      [':user:j', 2],
    ] as const)
      doc.getMap('votes').set(key, value)
    doc.getMap('votes').set('b:user:j', 1e9)
    expect([...votes.tally.getSnapshot().byElement]).toEqual([['b', { all: 3, own: 0 }]])
  })
})
