import type { ChatMessage, PendingMessage, WireMessage } from './state'

/** The message as we see it: reactions say whether one of them is ours. */
export function seenBy(message: WireMessage, selfId: string | null): ChatMessage {
  return {
    ...message,
    reactions: message.reactions.map(({ emoji, count, names, mine, userIds }) => ({
      emoji,
      count,
      names,
      mine: mine ?? (selfId !== null && (userIds?.includes(selfId) ?? false)),
    })),
  }
}

/**
 * Brings messages into a list: by id, of two versions the later change, in order of seq. The result depends only on what
 * came in, not on its order or number; it is the same list when nothing is new.
 *
 * The list is the newest part of the conversation without holes. Older messages that are not in it stay outside, because
 * a change of an old message must not tear a hole: they come with their page.
 */
export function mergeMessages(
  present: ReadonlyArray<ChatMessage>,
  incoming: ReadonlyArray<ChatMessage>,
  oldestSeq: number,
): ReadonlyArray<ChatMessage> {
  const byId = new Map(present.map((message) => [message.id, message]))
  let changed = false
  for (const message of incoming) {
    const known = byId.get(message.id)
    if (known ? message.changeSeq <= known.changeSeq : message.seq < oldestSeq) continue
    byId.set(message.id, message)
    changed = true
  }
  if (!changed) return present
  return [...byId.values()].sort((a, b) => a.seq - b.seq)
}

/** What still waits, without that which has arrived. */
export function stillPending(
  pending: ReadonlyArray<PendingMessage>,
  arrived: ReadonlyArray<ChatMessage>,
): ReadonlyArray<PendingMessage> {
  const clientIds = new Set(arrived.map((message) => message.clientId))
  const left = pending.filter((message) => !clientIds.has(message.clientId))
  return left.length === pending.length ? pending : left
}

/** How many messages of others came after the last one read, and where they begin. */
export function countUnread(
  messages: ReadonlyArray<ChatMessage>,
  readSeq: number,
  selfId: string | null,
  hasOlder: boolean,
): { unread: number; firstUnreadSeq: number | null } {
  const unread = messages.filter(
    (message) => message.seq > readSeq && !message.recalled && message.author.id !== selfId,
  )
  const oldestSeq = messages[0]?.seq ?? 0
  const unseen = hasOlder ? Math.max(0, oldestSeq - 1 - readSeq) : 0
  return { unread: unread.length + unseen, firstUnreadSeq: unread[0]?.seq ?? null }
}
