import { onWake, retryDelayMs } from '../reconnect'
import { Scope } from '../scope'
import { type Answer, Requests, SignalError } from './requests'
import {
  type ClientMessage,
  type Closing,
  type EndReason,
  protocolVersion,
  type ServerMessage,
  type Welcome,
} from './wire'

const subprotocol = 'parley.v1'
const requestTimeoutMs = 15_000
/** A connection must be welcomed within this time; within the resume window we rather try again. */
const greetTimeoutMs = { first: 15_000, resume: 4_000, late: 10_000 }
/** An attempt that has no answer for so long when the network comes back was made without it. */
const hangingMs = 1_000
/** A probe that hears nothing for so long means that the link is dead. */
const probeTimeoutMs = 2_500
const maxDelayMs = { resume: 2_000, late: 10_000 }
/** How long we try at all: to get in, and to come back once the server has given up waiting. */
const giveUpMs = { join: 20_000, rejoin: 180_000 }

/** Refusals of hello that may pass by themselves; a limit only concerns us where we did not come back too often. */
const passing = {
  join: new Set(['unavailable']),
  rejoin: new Set(['unavailable', 'rateLimited', 'internal']),
}

export type SocketEnd = { reason: EndReason | 'network' | 'error'; code?: string }

/** Messages that are news; answers, welcome and closing are the socket's own business. */
export type News = Exclude<ServerMessage, { type: 'welcome' | 'ok' | 'pong' | 'published' | 'closing' }>

export interface SocketHandler {
  onWelcome(welcome: Welcome): void
  onNews(news: News): void
  /** The connection is lost; the socket tries to come back. */
  onInterrupted(): void
  /** It is over; nothing follows. */
  onEnded(end: SocketEnd): void
  /** The link answers: round trip and server time, for the clock and the resume window. */
  onHeartbeat(roundTripMs: number, serverTime: number): void
}

export interface SocketOptions {
  url: string
  client: string
  locale: string
  name?: string
  /** Resume token of an earlier page, whose peer connections are gone. */
  resume?: string
  handler: SocketHandler
  random?: () => number
}

type Link =
  | { state: 'idle' }
  | { state: 'connecting'; scope: Scope; socket: WebSocket; since: number; greeted: () => void }
  | { state: 'open'; scope: Scope; socket: WebSocket; pingMs: number }
  | { state: 'waiting'; scope: Scope }
  | { state: 'ended' }

/**
 * The signaling connection of one participant. It greets, matches answers to requests, keeps the link under watch, and
 * after a loss comes back with the resume token until it is told that the meeting is over or the time is up.
 */
export class SignalSocket {
  readonly #options: SocketOptions
  readonly #scope = new Scope()
  readonly #requests = new Requests()
  #link: Link = { state: 'idle' }
  #resume: string | undefined
  #resumeMs = 30_000
  /** The server has let us in at least once. */
  #welcomed = false
  #attempt = 0
  #lostAt = 0
  #heardAt = 0
  #probing = false

  constructor(options: SocketOptions) {
    this.#options = options
    this.#resume = options.resume
  }

  start(): void {
    if (this.#link.state !== 'idle') return
    this.#lostAt = Date.now()
    onWake(this.#scope, () => this.#onWake())
    this.#connect()
  }

  /** Takes a newer resume token, as after a wait in the lobby. */
  renewResume(token: string): void {
    this.#resume = token
  }

  get isOpen(): boolean {
    return this.#link.state === 'open'
  }

  /** Sends without waiting for an answer; returns false while there is no connection. */
  send(message: ClientMessage): boolean {
    const link = this.#link
    if (link.state !== 'open' || link.socket.readyState !== link.socket.OPEN) return false
    link.socket.send(JSON.stringify(message))
    return true
  }

  /** Sends and waits for ok, published or pong; rejects with a SignalError. */
  request(message: ClientMessage): Promise<Answer> {
    const id = this.#requests.nextId()
    if (!this.send({ ...message, id })) {
      return Promise.reject(new SignalError('unavailable', 'there is no connection'))
    }
    return this.#requests.wait(id, requestTimeoutMs)
  }

  /** Asks whether the link is alive and drops it quickly if not; for hints from elsewhere, as from ICE. */
  probe(): void {
    const link = this.#link
    if (link.state !== 'open' || this.#probing) return
    this.#probing = true
    const askedAt = Date.now()
    this.#ping()
    link.scope.timeout(() => {
      this.#probing = false
      if (this.#heardAt < askedAt) this.#lose()
    }, probeTimeoutMs)
  }

  /** Says goodbye and ends; no handler is called any more. */
  close(): void {
    this.send({ type: 'leave' })
    this.#finish()
  }

  #connect(): void {
    const scope = this.#scope.child()
    let socket: WebSocket
    try {
      socket = new WebSocket(this.#options.url, subprotocol)
    } catch {
      scope.end()
      this.#end({ reason: 'error', code: 'badRequest' })
      return
    }
    scope.add(() => socket.close())
    scope.listen(socket, 'open', () => this.#onOpen(socket))
    scope.listen(socket, 'message', (event) => this.#onFrame((event as MessageEvent<unknown>).data))
    scope.listen(socket, 'close', () => this.#lose())
    scope.listen(socket, 'error', () => this.#lose())
    const greeted = scope.timeout(() => this.#lose(), this.#greetTimeoutMs())
    this.#link = { state: 'connecting', scope, socket, since: Date.now(), greeted }
  }

  #greetTimeoutMs(): number {
    if (!this.#welcomed) return greetTimeoutMs.first
    return this.#inResumeWindow() ? greetTimeoutMs.resume : greetTimeoutMs.late
  }

  #inResumeWindow(): boolean {
    return Date.now() - this.#lostAt < this.#resumeMs
  }

  #onOpen(socket: WebSocket): void {
    const { client, locale, name } = this.#options
    const hello: ClientMessage = {
      type: 'hello',
      id: this.#requests.nextId(),
      version: protocolVersion,
      client,
      locale,
      ...(name ? { name } : {}),
      ...(this.#resume ? { resume: this.#resume } : {}),
      ...(this.#resume && !this.#welcomed ? { newMedia: true } : {}),
    }
    socket.send(JSON.stringify(hello))
  }

  #onFrame(data: unknown): void {
    if (typeof data !== 'string') return
    this.#heardAt = Date.now()
    let message: ServerMessage
    try {
      message = JSON.parse(data) as ServerMessage
    } catch {
      this.#lose()
      return
    }
    this.#dispatch(message)
  }

  #dispatch(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#onWelcome(message)
        return
      case 'closing':
        this.#onClosing(message)
        return
      case 'error':
        this.#onError(message)
        return
      case 'ok':
      case 'pong':
      case 'published':
        this.#requests.settle(message)
        return
      default:
        this.#options.handler.onNews(message)
    }
  }

  #onWelcome(welcome: Welcome): void {
    const link = this.#link
    if (link.state !== 'connecting') return
    link.greeted()
    this.#welcomed = true
    this.#attempt = 0
    this.#probing = false
    this.#resume = welcome.resumeToken
    this.#resumeMs = welcome.resumeSeconds * 1000
    const pingMs = welcome.pingSeconds * 1000
    this.#link = { state: 'open', scope: link.scope, socket: link.socket, pingMs }
    link.scope.interval(() => this.#onPingTimer(pingMs), pingMs)
    this.#options.handler.onWelcome(welcome)
  }

  #onError(message: Extract<ServerMessage, { type: 'error' }>): void {
    if (this.#link.state === 'connecting') {
      this.#onRefused(message.code)
      return
    }
    if (!this.#requests.settle(message)) this.#options.handler.onNews(message)
  }

  /** The hello was refused: a stale token is dropped, a passing trouble retried, anything else is the end. */
  #onRefused(code: string): void {
    if (code === 'resumeInvalid' && this.#resume) {
      this.#resume = undefined
      this.#lose()
    } else if ((this.#welcomed ? passing.rejoin : passing.join).has(code)) {
      this.#lose()
    } else {
      this.#end({ reason: 'error', code })
    }
  }

  #onClosing(closing: Closing): void {
    if (closing.reconnect) this.#lose()
    else this.#end({ reason: closing.reason })
  }

  #onPingTimer(pingMs: number): void {
    if (Date.now() - this.#heardAt > 3 * pingMs) this.#lose()
    else this.#ping()
  }

  #ping(): void {
    const sentAt = Date.now()
    this.request({ type: 'ping' }).then(
      (answer) => {
        if (answer.type === 'pong') this.#options.handler.onHeartbeat(Date.now() - sentAt, answer.serverTime)
      },
      () => {
        // A lost ping is seen by the silence that follows.
      },
    )
  }

  #onWake(): void {
    const link = this.#link
    if (link.state === 'waiting') {
      link.scope.end()
      this.#connect()
    } else if (link.state === 'connecting' && Date.now() - link.since > hangingMs) {
      this.#attempt = 0
      this.#lose()
    } else {
      this.probe()
    }
  }

  #lose(): void {
    const link = this.#link
    if (link.state !== 'open' && link.state !== 'connecting') return
    const wasOpen = link.state === 'open'
    if (wasOpen) {
      this.#lostAt = Date.now()
      this.#attempt = 0
      this.#probing = false
    }
    const scope = this.#scope.child()
    this.#link = { state: 'waiting', scope }
    link.scope.end()
    this.#requests.rejectAll('unavailable')
    if (wasOpen) this.#options.handler.onInterrupted()
    if (scope.ended) return
    if (Date.now() - this.#lostAt > this.#giveUpMs()) {
      this.#end({ reason: 'network' })
      return
    }
    const maxMs = this.#inResumeWindow() ? maxDelayMs.resume : maxDelayMs.late
    const delayMs = retryDelayMs(this.#attempt, maxMs, this.#options.random)
    this.#attempt += 1
    scope.timeout(() => this.#connect(), delayMs)
  }

  #giveUpMs(): number {
    return this.#welcomed ? giveUpMs.rejoin : giveUpMs.join
  }

  #end(end: SocketEnd): void {
    if (this.#link.state === 'ended') return
    this.#finish()
    this.#options.handler.onEnded(end)
  }

  #finish(): void {
    this.#link = { state: 'ended' }
    this.#requests.rejectAll('unavailable')
    this.#scope.end()
  }
}
