import type { components } from '../api/schema'

type Schemas = components['schemas']

export type ChatAuthor = Schemas['Author']

export type ChatReaction = Pick<Schemas['Reaction'], 'emoji' | 'count' | 'mine'> & {
  names: ReadonlyArray<string>
}

export type ChatReply = Pick<Schemas['Reply'], 'id' | 'authorName' | 'excerpt'> &
  Partial<Pick<Schemas['Reply'], 'recalled'>>

/** A message as it stands on the server. */
export type ChatMessage = Omit<Schemas['Message'], 'mentions' | 'reactions' | 'replyTo'> & {
  mentions: ReadonlyArray<string>
  reactions: ReadonlyArray<ChatReaction>
  replyTo?: ChatReply
}

/** A message as it travels: events tell who reacted, only the REST API also whether we did. */
export type WireMessage = Omit<ChatMessage, 'reactions'> & { reactions: ReadonlyArray<WireReaction> }

export type WireReaction = Omit<ChatReaction, 'mine'> & Partial<Pick<Schemas['Reaction'], 'mine' | 'userIds'>>

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
