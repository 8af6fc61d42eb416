import type { ChatSnapshot, SendOptions } from '@/core/chat/state'
import type { Store } from '@/core/store'

/** What the chat needs of the store of one conversation. */
export interface ChatHandle extends Store<ChatSnapshot> {
  loadOlder(): Promise<void>
  send(text: string, options?: SendOptions): void
  retry(clientId: string): void
  discard(clientId: string): void
  react(messageId: string, emoji: string, on: boolean): Promise<void>
  recall(messageId: string): Promise<void>
  markRead(): void
}

/** Who reads. */
export interface ChatReader {
  /** The id under which one writes; null until the conversation has told it. */
  selfId: string | null
  /** May recall what others wrote. */
  moderates: boolean
}

/** Somebody who can be mentioned. */
export interface ChatPerson {
  userId: string
  name: string
  avatarUrl?: string
}
