export interface ChatAuthor {
  id: string
  userId?: string
  name: string
  avatarUrl?: string
  guest: boolean
}

export interface ChatReaction {
  emoji: string
  count: number
  mine: boolean
  names: ReadonlyArray<string>
}

export interface ChatReply {
  id: string
  authorName: string
  excerpt: string
  recalled?: boolean
}

/** A message as it stands on the server. */
export interface ChatMessage {
  id: string
  conversationId: string
  /** Place in the conversation; never changes. */
  seq: number
  /** Grows with each change of the conversation; the last one that touched this message. */
  changeSeq: number
  clientId: string
  author: ChatAuthor
  text: string
  replyTo?: ChatReply
  mentions: ReadonlyArray<string>
  reactions: ReadonlyArray<ChatReaction>
  recalled: boolean
  /** RFC 3339 */
  createdAt: string
}

/** A message as it travels: `mine` is only known to the REST API, events carry who reacted instead. */
export interface WireMessage extends Omit<ChatMessage, 'reactions'> {
  reactions: ReadonlyArray<WireReaction>
}

export interface WireReaction {
  emoji: string
  count: number
  names: ReadonlyArray<string>
  mine?: boolean
  userIds?: ReadonlyArray<string>
}

/** A message of one's own that the server has not confirmed yet. */
export interface PendingMessage {
  clientId: string
  text: string
  replyTo?: ChatReply
  mentions: ReadonlyArray<string>
  /** queued: waits for the connection; failed: refused, can be retried or discarded. */
  status: 'sending' | 'queued' | 'failed'
  code?: string
  /** RFC 3339 */
  createdAt: string
}

export interface ChatSnapshot {
  state: 'loading' | 'ready' | 'error'
  code?: string
  online: boolean
  messages: ReadonlyArray<ChatMessage>
  pending: ReadonlyArray<PendingMessage>
  hasOlder: boolean
  loadingOlder: boolean
  readSeq: number
  unread: number
  firstUnreadSeq: number | null
  canWrite: boolean
  /** The id that own messages carry as author; null until the conversation has told it. */
  selfId: string | null
}

export interface SendOptions {
  replyTo?: ChatReply
  mentions?: ReadonlyArray<string>
}
