import { ApiError, type Problem } from '../api/error'
import type { WireMessage } from './state'

export interface Conversation {
  id: string
  kind: string
  title: string
  lastSeq: number
  changeSeq: number
  readSeq: number
  canWrite: boolean
  /** Own author id: of the account, or of the guest. */
  selfId?: string
}

export interface MessagePage {
  items: WireMessage[]
  hasMore: boolean
}

export interface ChangePage extends MessagePage {
  changeSeq: number
}

export interface NewMessage {
  clientId: string
  text: string
  replyTo?: string
  mentions?: ReadonlyArray<string>
}

/** What the chat asks of the server. */
export interface ChatApi {
  conversation(id: string): Promise<Conversation>
  /** The page that ends before a sequence number, or the newest. */
  messages(id: string, page: { before?: number; limit: number }): Promise<MessagePage>
  changes(id: string, after: number, limit: number): Promise<ChangePage>
  send(id: string, message: NewMessage): Promise<WireMessage>
  react(messageId: string, emoji: string, on: boolean): Promise<WireMessage | null>
  recall(messageId: string): Promise<WireMessage | null>
  markRead(id: string, seq: number): Promise<void>
}

/** The chat API of the server the page came from. Failures are ApiErrors; without a connection their status is 0. */
export const chatApi: ChatApi = {
  conversation: async (id) => body<Conversation>(await call('GET', `/conversations/${id}`)),
  messages: async (id, { before, limit }) => {
    const query = new URLSearchParams({ limit: String(limit) })
    if (before !== undefined) query.set('before', String(before))
    return body<MessagePage>(await call('GET', `/conversations/${id}/messages?${query}`))
  },
  changes: async (id, after, limit) =>
    body<ChangePage>(await call('GET', `/conversations/${id}/changes?after=${after}&limit=${limit}`)),
  send: async (id, message) =>
    body<WireMessage>(await call('POST', `/conversations/${id}/messages`, message)),
  react: async (messageId, emoji, on) =>
    optional<WireMessage>(
      await call(on ? 'PUT' : 'DELETE', `/messages/${messageId}/reactions/${encodeURIComponent(emoji)}`),
    ),
  recall: async (messageId) => optional<WireMessage>(await call('POST', `/messages/${messageId}/recall`)),
  markRead: async (id, seq) => {
    await call('PUT', `/conversations/${id}/read`, { seq })
  },
}

async function call(method: string, path: string, content?: unknown): Promise<Response> {
  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      ...(content === undefined
        ? {}
        : { body: JSON.stringify(content), headers: { 'content-type': 'application/json' } }),
    })
  } catch (error) {
    throw new ApiError(0, { detail: String(error) })
  }
  if (response.ok) return response
  const problem: unknown = await response.json().catch(() => null)
  throw new ApiError(response.status, isProblem(problem) ? problem : {})
}

function isProblem(value: unknown): value is Partial<Problem> {
  return typeof value === 'object' && value !== null
}

async function body<T>(response: Response): Promise<T> {
  return (await response.json()) as T
}

async function optional<T>(response: Response): Promise<T | null> {
  if (response.status === 204) return null
  return body<T>(response)
}

/** No connection, or a server that is not ready: worth trying again. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 502)
}

export function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : 'internal'
}
