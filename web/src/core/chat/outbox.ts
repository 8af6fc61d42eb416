import { retryDelayMs } from '../reconnect'
import { Scope } from '../scope'
import { codeOf, isPassing } from './chatApi'
import { stillPending } from './merge'
import type { ChatMessage, PendingMessage, WireMessage } from './state'

const maxRetryMs = 15_000

export interface OutboxEvents {
  onChange(pending: ReadonlyArray<PendingMessage>): void
  onDelivered(message: WireMessage): void
}

/**
 * Messages on their way, one at a time in the order of writing. Without a connection they wait; a refused one stays as
 * failed and lets the others pass. Sending twice does no harm, for the server knows the client's id.
 */
export class Outbox {
  readonly #deliver: (message: PendingMessage) => Promise<WireMessage>
  readonly #events: OutboxEvents
  readonly #scope = new Scope()
  #pending: ReadonlyArray<PendingMessage> = []
  #sending: string | null = null
  #attempt = 0
  #cancelRetry: () => void = () => {}

  constructor(deliver: (message: PendingMessage) => Promise<WireMessage>, events: OutboxEvents) {
    this.#deliver = deliver
    this.#events = events
  }

  add(message: PendingMessage): void {
    this.#set([...this.#pending, message])
    this.#next()
  }

  retry(clientId: string): void {
    this.#change(clientId, ({ code: _, ...message }) => ({ ...message, status: 'sending' }))
    this.#next()
  }

  discard(clientId: string): void {
    this.#set(this.#pending.filter((message) => message.clientId !== clientId))
  }

  /** The connection is back. */
  flush(): void {
    this.#attempt = 0
    this.#cancelRetry()
    this.#next()
  }

  /** These have reached the server, by whichever way we learnt of it. */
  arrived(messages: ReadonlyArray<ChatMessage>): void {
    this.#set(stillPending(this.#pending, messages))
  }

  clear(): void {
    this.#cancelRetry()
    this.#set([])
  }

  close(): void {
    this.#scope.end()
  }

  #next(): void {
    if (this.#sending !== null || this.#scope.ended) return
    const message = this.#pending.find((one) => one.status !== 'failed')
    if (!message) return
    this.#sending = message.clientId
    this.#change(message.clientId, (one) => (one.status === 'sending' ? one : { ...one, status: 'sending' }))
    this.#deliver(message).then(
      (delivered) => this.#onDelivered(message.clientId, delivered),
      (error: unknown) => this.#onError(message.clientId, error),
    )
  }

  #onDelivered(clientId: string, delivered: WireMessage): void {
    this.#sending = null
    this.#attempt = 0
    this.#events.onDelivered(delivered)
    this.discard(clientId)
    this.#next()
  }

  #onError(clientId: string, error: unknown): void {
    this.#sending = null
    if (!isPassing(error)) {
      this.#change(clientId, (one) => ({ ...one, status: 'failed', code: codeOf(error) }))
      this.#next()
      return
    }
    this.#set(this.#pending.map((one) => (one.status === 'sending' ? { ...one, status: 'queued' } : one)))
    this.#attempt += 1
    this.#cancelRetry = this.#scope.timeout(() => this.#next(), retryDelayMs(this.#attempt, maxRetryMs))
  }

  #change(clientId: string, change: (message: PendingMessage) => PendingMessage): void {
    this.#set(this.#pending.map((one) => (one.clientId === clientId ? change(one) : one)))
  }

  #set(pending: ReadonlyArray<PendingMessage>): void {
    const same =
      pending.length === this.#pending.length && pending.every((one, at) => one === this.#pending[at])
    if (same) return
    this.#pending = pending
    this.#events.onChange(pending)
  }
}
