import { onWake, retryDelayMs, socketUrl } from '../reconnect'
import { Scope } from '../scope'
import { StateStore, type Store } from '../store'
import type { EventOf, EventType, StreamEvent } from './events'

const path = '/api/v1/events'
const pingEveryMs = 20_000
const silenceMs = 50_000
const connectTimeoutMs = 10_000
/** An attempt that has no answer for so long when the network comes back was made without it. */
const hangingMs = 1_000
const maxDelayMs = 15_000
/** After a close that asks not to come back, we still look again now and then. */
const unwelcomeDelayMs = 60_000
/** A guest's right to follow a conversation may come a moment after the guest entered. */
const subscribeAgainMs = 3_000

export interface StreamState {
  /** The server has said that what follows is complete. */
  online: boolean
}

type Link =
  | { state: 'idle' }
  | { state: 'connecting'; scope: Scope; since: number }
  | { state: 'open'; scope: Scope; socket: WebSocket }
  | { state: 'waiting'; scope: Scope }

/**
 * The stream of events for the person who is signed in. It runs while somebody listens and comes back by itself; what
 * was missed meanwhile is for the listeners to ask for when it is online again.
 */
export class EventStream implements Store<StreamState> {
  readonly #url: () => string
  readonly #store = new StateStore<StreamState>({ online: false })
  readonly #handlers = new Map<EventType, Set<(event: StreamEvent) => void>>()
  readonly #watched = new Map<string, number>()
  #link: Link = { state: 'idle' }
  #life: Scope | null = null
  #attempt = 0
  #heardAt = 0
  #unwelcome = false

  constructor(url: () => string = () => socketUrl(path)) {
    this.#url = url
  }

  readonly getSnapshot = (): StreamState => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** Listens to one kind of event; the result stops listening. The stream runs while there are listeners. */
  on<T extends EventType>(type: T, handler: (event: EventOf<T>) => void): () => void {
    const handlers = this.#handlers.get(type) ?? new Set()
    this.#handlers.set(type, handlers)
    const receive = (event: StreamEvent) => {
      if (event.type === type) handler(event as EventOf<T>)
    }
    handlers.add(receive)
    this.#begin()
    return () => {
      handlers.delete(receive)
      if (handlers.size === 0) this.#handlers.delete(type)
      if (this.#handlers.size === 0) this.close()
    }
  }

  /** Asks for the events of a conversation that one does not get anyway, as a guest of a meeting. */
  watch(conversationId: string): () => void {
    const count = this.#watched.get(conversationId) ?? 0
    this.#watched.set(conversationId, count + 1)
    if (count === 0) this.#send({ type: 'subscribe', conversationId })
    return () => {
      const left = (this.#watched.get(conversationId) ?? 1) - 1
      if (left > 0) {
        this.#watched.set(conversationId, left)
        return
      }
      this.#watched.delete(conversationId)
      this.#send({ type: 'unsubscribe', conversationId })
    }
  }

  /** Begins anew at once, as after signing in as somebody else. */
  restart(): void {
    if (!this.#life) return
    this.close()
    this.#begin()
  }

  close(): void {
    this.#life?.end()
    this.#life = null
    this.#link = { state: 'idle' }
    this.#store.set({ online: false })
  }

  #begin(): void {
    if (this.#life) return
    this.#life = new Scope()
    this.#attempt = 0
    onWake(this.#life, () => this.#onWake())
    this.#connect(this.#life)
  }

  #connect(life: Scope): void {
    const scope = life.child()
    const socket = new WebSocket(this.#url())
    scope.add(() => socket.close())
    scope.listen(socket, 'open', () => this.#onOpen(scope, socket))
    scope.listen(socket, 'message', (event) => this.#onFrame((event as MessageEvent<unknown>).data))
    scope.listen(socket, 'close', () => this.#lose())
    scope.listen(socket, 'error', () => this.#lose())
    scope.timeout(() => {
      if (this.#link.state === 'connecting') this.#lose()
    }, connectTimeoutMs)
    this.#link = { state: 'connecting', scope, since: Date.now() }
  }

  #onOpen(scope: Scope, socket: WebSocket): void {
    this.#link = { state: 'open', scope, socket }
    this.#heardAt = Date.now()
    for (const conversationId of this.#watched.keys()) this.#send({ type: 'subscribe', conversationId })
    scope.interval(() => {
      if (Date.now() - this.#heardAt > silenceMs) this.#lose()
      else this.#send({ type: 'ping' })
    }, pingEveryMs)
  }

  #send(message: { type: 'ping' } | { type: 'subscribe' | 'unsubscribe'; conversationId: string }): void {
    const link = this.#link
    if (link.state === 'open' && link.socket.readyState === link.socket.OPEN) {
      link.socket.send(JSON.stringify(message))
    }
  }

  #onFrame(data: unknown): void {
    this.#heardAt = Date.now()
    const event = parse(data)
    if (!event) return
    this.#follow(event)
    for (const handler of [...(this.#handlers.get(event.type) ?? [])]) handler(event)
  }

  /** What an event means for the stream itself. */
  #follow(event: StreamEvent): void {
    if (event.type === 'ready') {
      this.#attempt = 0
      this.#unwelcome = false
      this.#store.set({ online: true })
    } else if (event.type === 'closing') {
      this.#unwelcome = !event.reconnect
    } else if (event.type === 'error' && event.conversationId) {
      this.#subscribeAgain(event.conversationId)
    }
  }

  #subscribeAgain(conversationId: string): void {
    if (this.#link.state !== 'open') return
    this.#link.scope.timeout(() => {
      if (this.#watched.has(conversationId)) this.#send({ type: 'subscribe', conversationId })
    }, subscribeAgainMs)
  }

  #onWake(): void {
    const link = this.#link
    if (link.state === 'waiting' && this.#life) {
      link.scope.end()
      this.#connect(this.#life)
    } else if (link.state === 'connecting' && Date.now() - link.since > hangingMs) {
      this.#attempt = 0
      this.#lose()
    } else {
      this.#send({ type: 'ping' })
    }
  }

  #lose(): void {
    const link = this.#link
    const life = this.#life
    if (!life || link.state === 'idle' || link.state === 'waiting') return
    const scope = life.child()
    this.#link = { state: 'waiting', scope }
    link.scope.end()
    this.#store.set({ online: false })
    const delayMs = this.#unwelcome ? unwelcomeDelayMs : retryDelayMs(this.#attempt, maxDelayMs)
    this.#attempt += 1
    scope.timeout(() => this.#connect(life), delayMs)
  }
}

function parse(data: unknown): StreamEvent | null {
  if (typeof data !== 'string') return null
  try {
    const event: unknown = JSON.parse(data)
    return typeof event === 'object' && event !== null && 'type' in event ? (event as StreamEvent) : null
  } catch {
    return null
  }
}

let shared: EventStream | null = null

/** The page's one stream. */
export function eventStream(): EventStream {
  shared ??= new EventStream()
  return shared
}
