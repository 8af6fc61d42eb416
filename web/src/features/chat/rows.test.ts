import { describe, expect, it } from 'vitest'
import type { ChatMessage } from '@/core/chat/state'
import { rowsOf } from './rows'

let seq = 0
function message(author: string, createdAt: string, change: Partial<ChatMessage> = {}): ChatMessage {
  seq++
  return {
    id: `m${seq}`,
    clientId: `c${seq}`,
    conversationId: 'k',
    seq,
    changeSeq: seq,
    author: { id: author, name: author, guest: false },
    text: 'x',
    mentions: [],
    reactions: [],
    recalled: false,
    createdAt,
    ...change,
  }
}

const show = (messages: ChatMessage[], unread: number | null = null) =>
  rowsOf(messages, unread).map((row) =>
    row.kind === 'message' ? `${row.message.author.id}${row.first ? '*' : ''}` : row.kind,
  )

describe('rowsOf', () => {
  it('keeps what one author says within minutes together', () => {
    const list = [
      message('ana', '2026-11-23T10:00:00'),
      message('ana', '2026-11-23T10:04:00'),
      message('ana', '2026-11-23T10:10:00'),
      message('ben', '2026-11-23T10:10:30'),
    ]
    expect(show(list)).toEqual(['day', 'ana*', 'ana', 'ana*', 'ben*'])
  })

  it('begins each day anew', () => {
    expect(show([message('ana', '2026-11-22T23:59:00'), message('ana', '2026-11-23T00:01:00')])).toEqual([
      'day',
      'ana*',
      'day',
      'ana*',
    ])
  })

  it('draws the unread line once, before the first unread message', () => {
    const list = [
      message('ana', '2026-11-23T10:00:00'),
      message('ana', '2026-11-23T10:01:00'),
      message('ana', '2026-11-23T10:02:00'),
    ]
    expect(show(list, list[1]?.seq)).toEqual(['day', 'ana*', 'unread', 'ana*', 'ana'])
  })

  it('shows replies and recalled messages on their own', () => {
    const list = [
      message('ana', '2026-11-23T10:00:00'),
      message('ana', '2026-11-23T10:00:10', { replyTo: { id: 'm', authorName: 'ben', excerpt: 'y' } }),
      message('ana', '2026-11-23T10:00:20', { recalled: true }),
      message('ana', '2026-11-23T10:00:30'),
    ]
    expect(show(list)).toEqual(['day', 'ana*', 'ana*', 'ana*', 'ana*'])
  })
})
