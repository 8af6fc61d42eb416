import { api, send } from '../api/client'
import { ApiError } from '../api/error'
import type { components } from '../api/schema'
import type { WireMessage } from './state'

type Schemas = components['schemas']

export type Conversation = Pick<Schemas['Conversation'], 'changeSeq' | 'readSeq' | 'canWrite' | 'selfId'>
export type NewMessage = Schemas['MessageDraft']

export interface MessagePage {
  items: WireMessage[]
  hasMore: boolean
}

export interface ChangePage extends MessagePage {
  changeSeq: number
}

/** What the chat asks of the server. Failures are ApiErrors; without a connection their status is 0. */
export interface ChatApi {
  conversation(id: string): Promise<Conversation>
  /** The page that ends before a sequence number, or the newest. */
  messages(id: string, page: { before?: number; limit: number }): Promise<MessagePage>
  changes(id: string, after: number, limit: number): Promise<ChangePage>
  send(id: string, message: NewMessage): Promise<WireMessage>
  react(messageId: string, emoji: string, on: boolean): Promise<WireMessage>
  recall(messageId: string): Promise<WireMessage>
  markRead(id: string, seq: number): Promise<unknown>
}

/** The chat API of the server that the page came from. */
export const chatApi: ChatApi = {
  conversation: (id) => send(api.GET('/conversations/{id}', { params: { path: { id } } })),
  messages: (id, query) => send(api.GET('/conversations/{id}/messages', { params: { path: { id }, query } })),
  changes: (id, after, limit) =>
    send(api.GET('/conversations/{id}/changes', { params: { path: { id }, query: { after, limit } } })),
  send: (id, body) => send(api.POST('/conversations/{id}/messages', { params: { path: { id } }, body })),
  react: (id, emoji, on) => {
    const options = { params: { path: { id, emoji } } }
    return on
      ? send(api.PUT('/messages/{id}/reactions/{emoji}', options))
      : send(api.DELETE('/messages/{id}/reactions/{emoji}', options))
  },
  recall: (id) => send(api.POST('/messages/{id}/recall', { params: { path: { id } } })),
  markRead: (id, seq) =>
    send(api.PUT('/conversations/{id}/read', { params: { path: { id } }, body: { seq } })),
}

/** No connection, or a server that is not ready: worth trying again. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 502)
}

export function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : 'internal'
}
