import type { ChatMessage } from '@/core/chat/state'

/** What the list draws, from above to below. */
export type ChatRow =
  | { kind: 'day'; key: string; at: Date }
  | { kind: 'unread'; key: string }
  | { kind: 'message'; key: string; message: ChatMessage; first: boolean }

const togetherMs = 5 * 60_000

/**
 * The rows of a conversation: a line for each new day and before the first unread message; messages of one author within
 * five minutes stand together under one name.
 */
export function rowsOf(messages: ReadonlyArray<ChatMessage>, firstUnreadSeq: number | null): ChatRow[] {
  const rows: ChatRow[] = []
  let before: ChatMessage | null = null
  let marked = false
  for (const message of messages) {
    const at = new Date(message.createdAt)
    let first = startsGroup(before, message)
    if (!before || new Date(before.createdAt).toDateString() !== at.toDateString()) {
      rows.push({ kind: 'day', key: `day:${message.id}`, at })
      first = true
    }
    if (!marked && firstUnreadSeq !== null && message.seq >= firstUnreadSeq) {
      rows.push({ kind: 'unread', key: 'unread' })
      marked = true
      first = true
    }
    rows.push({ kind: 'message', key: message.clientId || message.id, message, first })
    before = message
  }
  return rows
}

function startsGroup(before: ChatMessage | null, message: ChatMessage): boolean {
  if (!before || before.recalled || message.recalled || message.replyTo) return true
  if (before.author.id !== message.author.id) return true
  return Date.parse(message.createdAt) - Date.parse(before.createdAt) > togetherMs
}
