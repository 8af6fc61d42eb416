import { describe, expect, it } from 'vitest'
import { seeded, shuffled } from '../testing/random'
import { countUnread, mergeMessages, seenBy, stillPending } from './merge'
import type { ChatMessage, PendingMessage } from './state'

function message(seq: number, changeSeq = seq, more: Partial<ChatMessage> = {}): ChatMessage {
  return {
    id: `m${seq}`,
    conversationId: 'c',
    seq,
    changeSeq,
    clientId: `client-${seq}`,
    author: { id: 'u1', name: 'Lin', guest: false },
    text: `text ${seq} of ${changeSeq}`,
    mentions: [],
    reactions: [],
    recalled: false,
    createdAt: '2026-01-01T00:00:00Z',
    ...more,
  }
}

/** A history: messages that are written, and some of them changed again and again. */
function history(random: () => number): ChatMessage[] {
  const versions: ChatMessage[] = []
  let seq = 0
  for (let changeSeq = 1; changeSeq <= 40; changeSeq += 1) {
    const isNew = seq === 0 || random() < 0.6
    if (isNew) seq += 1
    const at = isNew ? seq : 1 + Math.floor(random() * seq)
    versions.push(message(at, changeSeq))
  }
  return versions
}

function latest(versions: ReadonlyArray<ChatMessage>): ChatMessage[] {
  const byId = new Map<string, ChatMessage>()
  for (const version of versions) byId.set(version.id, version)
  return [...byId.values()].sort((a, b) => a.seq - b.seq)
}

describe('mergeMessages', () => {
  it('comes to the same whatever the order, the parts and the repetitions', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = seeded(seed)
      const versions = history(random)
      const deliveries = shuffled([...versions, ...versions.filter(() => random() < 0.5)], random)
      let messages: ReadonlyArray<ChatMessage> = []
      while (deliveries.length > 0) {
        messages = mergeMessages(messages, deliveries.splice(0, 1 + Math.floor(random() * 5)), 0)
      }
      expect(messages, `seed ${seed}`).toEqual(latest(versions))
    }
  })

  it('is the same list when nothing is new', () => {
    const messages = mergeMessages([], [message(1), message(2)], 0)
    expect(mergeMessages(messages, [message(2), message(1, 0)], 0)).toBe(messages)
  })

  it('keeps the messages that did not change', () => {
    const messages = mergeMessages([], [message(1), message(2)], 0)
    const next = mergeMessages(messages, [message(2, 3)], 0)
    expect(next[0]).toBe(messages[0])
    expect(next[1]?.changeSeq).toBe(3)
  })

  it('leaves older messages to their page', () => {
    const messages = mergeMessages([], [message(10), message(11)], 10)
    expect(mergeMessages(messages, [message(4, 12)], 10)).toBe(messages)
    expect(mergeMessages(messages, [message(4, 12)], 0)).toHaveLength(3)
  })
})

describe('seenBy', () => {
  it('knows own reactions by the ids of events and by the word of the API', () => {
    const base = { emoji: '👍', count: 1, names: ['Lin'] }
    const reactions = [
      { ...base, userIds: ['me'] },
      { ...base, userIds: ['you'] },
      { ...base, mine: true },
    ]
    const seen = seenBy({ ...message(1), reactions }, 'me')
    expect(seen.reactions.map((reaction) => reaction.mine)).toEqual([true, false, true])
  })
})

describe('countUnread', () => {
  const messages = [
    message(5),
    message(6, 6, { author: { id: 'me', name: 'I', guest: false } }),
    message(7, 7, { recalled: true }),
    message(8),
  ]

  it.each([
    [4, false, { unread: 2, firstUnreadSeq: 5 }],
    [5, false, { unread: 1, firstUnreadSeq: 8 }],
    [8, false, { unread: 0, firstUnreadSeq: null }],
    [1, true, { unread: 5, firstUnreadSeq: 5 }],
  ])('read up to %i, older ones outside: %s', (readSeq, hasOlder, expected) => {
    expect(countUnread(messages, readSeq, 'me', hasOlder)).toEqual(expected)
  })
})

describe('stillPending', () => {
  const pending: PendingMessage[] = [
    { clientId: 'client-1', text: 'a', mentions: [], status: 'sending', createdAt: '' },
    { clientId: 'client-x', text: 'b', mentions: [], status: 'queued', createdAt: '' },
  ]

  it('lets go of what has arrived', () => {
    expect(stillPending(pending, [message(1)])).toEqual([pending[1]])
    expect(stillPending(pending, [message(2)])).toBe(pending)
  })
})
