import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../api/error'
import { EventStream } from '../events/eventStream'
import { FakeWebSocket } from '../testing/fakeWebSocket'
import { seeded } from '../testing/random'
import type { ChatApi, NewMessage } from './chatApi'
import { ChatStore } from './chatStore'
import type { WireMessage } from './state'

const author = { id: 'me', name: 'Me', guest: false }

/** The server's side of one conversation. */
class FakeServer implements ChatApi {
  readonly messagesById = new Map<string, WireMessage>()
  offline = false
  /** The request arrives, the answer does not. */
  loseAnswers = false
  refuse: string | null = null
  seq = 0
  changeSeq = 0
  readSeq = 0
  requests = 0

  write(message: NewMessage, by = author): WireMessage {
    const known = [...this.messagesById.values()].find((one) => one.clientId === message.clientId)
    if (known) return known
    this.seq += 1
    this.changeSeq += 1
    const written: WireMessage = {
      id: `m${this.seq}`,
      conversationId: 'c',
      seq: this.seq,
      changeSeq: this.changeSeq,
      clientId: message.clientId,
      author: by,
      text: message.text,
      mentions: message.mentions ?? [],
      reactions: [],
      recalled: false,
      createdAt: '2026-01-01T00:00:00Z',
    }
    this.messagesById.set(written.id, written)
    return written
  }

  change(id: string, change: Partial<WireMessage>): WireMessage {
    const message = this.messagesById.get(id)
    if (!message) throw new Error(`no message ${id}`)
    this.changeSeq += 1
    const changed = { ...message, ...change, changeSeq: this.changeSeq }
    this.messagesById.set(id, changed)
    return changed
  }

  all(): WireMessage[] {
    return [...this.messagesById.values()].sort((a, b) => a.seq - b.seq)
  }

  conversation = () =>
    this.#answer(() => ({
      id: 'c',
      kind: 'meeting',
      title: 'Standup',
      lastSeq: this.seq,
      changeSeq: this.changeSeq,
      readSeq: this.readSeq,
      canWrite: true,
      selfId: 'me',
    }))

  messages = (_: string, { before = Number.POSITIVE_INFINITY, limit }: { before?: number; limit: number }) =>
    this.#answer(() => {
      const older = this.all().filter((message) => message.seq < before)
      return { items: older.slice(-limit), hasMore: older.length > limit }
    })

  changes = (_: string, after: number, limit: number) =>
    this.#answer(() => {
      const changed = this.all()
        .filter((message) => message.changeSeq > after)
        .sort((a, b) => a.changeSeq - b.changeSeq)
      const items = changed.slice(0, limit)
      const hasMore = changed.length > limit
      return { items, hasMore, changeSeq: hasMore ? (items.at(-1)?.changeSeq ?? after) : this.changeSeq }
    })

  send = (_: string, message: NewMessage) =>
    this.#answer(() => {
      if (this.refuse) throw new ApiError(403, { code: this.refuse })
      return this.write(message)
    })

  react = (id: string, emoji: string, on: boolean) =>
    this.#answer(() =>
      this.change(id, { reactions: on ? [{ emoji, count: 1, names: ['Me'], userIds: ['me'] }] : [] }),
    )
  recall = (id: string) => this.#answer(() => this.change(id, { recalled: true, text: '' }))
  markRead = (_: string, seq: number) =>
    this.#answer(() => {
      this.readSeq = Math.max(this.readSeq, seq)
    })

  async #answer<T>(run: () => T): Promise<T> {
    this.requests += 1
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (this.offline) throw new ApiError(0, {})
    const answer = run()
    if (this.loseAnswers) throw new ApiError(0, {})
    return structuredClone(answer)
  }
}

let server: FakeServer
let events: EventStream
let chat: ChatStore

const wait = (ms = 100) => vi.advanceTimersByTimeAsync(ms)
const texts = () => chat.getSnapshot().messages.map((message) => message.text)

function goOnline(): void {
  FakeWebSocket.last.open()
  FakeWebSocket.last.receive({ type: 'ready' })
}

function tell(message: WireMessage): void {
  FakeWebSocket.last.receive({ type: 'message', conversationId: 'c', message })
}

async function open(): Promise<void> {
  chat.open('c')
  goOnline()
  await wait()
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeWebSocket)
  FakeWebSocket.all.length = 0
  server = new FakeServer()
  events = new EventStream(() => 'ws://parley.test/events')
  chat = new ChatStore(server, events)
})

afterEach(() => {
  chat.dispose()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('reading', () => {
  it('shows the newest page, then older ones on demand', async () => {
    for (let count = 1; count <= 120; count += 1) server.write({ clientId: `x${count}`, text: `${count}` })
    await open()
    expect(texts()).toHaveLength(50)
    expect(texts().at(-1)).toBe('120')
    await Promise.all([chat.loadOlder(), wait()])
    await Promise.all([chat.loadOlder(), wait()])
    expect(texts()).toHaveLength(120)
    expect(chat.getSnapshot()).toMatchObject({ hasOlder: false, loadingOlder: false })
  })

  it('asks the stream for the conversation, again after each reconnect', async () => {
    await open()
    expect(FakeWebSocket.last.sentOf('subscribe')).toEqual([{ type: 'subscribe', conversationId: 'c' }])
    FakeWebSocket.last.drop()
    await wait(1_000)
    goOnline()
    expect(FakeWebSocket.all).toHaveLength(2)
    expect(FakeWebSocket.last.sentOf('subscribe')).toHaveLength(1)
  })

  it('catches up with what was written and changed meanwhile', async () => {
    server.write({ clientId: 'a', text: 'one' })
    await open()
    FakeWebSocket.last.drop()
    expect(chat.getSnapshot().online).toBe(false)
    server.change('m1', { text: 'one, changed' })
    for (let count = 0; count < 450; count += 1) server.write({ clientId: `b${count}`, text: `b${count}` })
    await wait(1_000)
    goOnline()
    await wait()
    expect(texts()).toHaveLength(451)
    expect(texts()[0]).toBe('one, changed')
  })

  it('asks for a gap between events', async () => {
    await open()
    const lost = server.write({ clientId: 'a', text: 'lost' })
    tell(server.write({ clientId: 'b', text: 'seen' }))
    expect(texts()).toEqual(['seen'])
    await wait(500)
    expect(texts()).toEqual([lost.text, 'seen'])
  })

  it('asks for nothing when events only overtook each other', async () => {
    await open()
    const requests = server.requests
    const first = server.write({ clientId: 'a', text: 'first' })
    tell(server.write({ clientId: 'b', text: 'second' }))
    tell(first)
    tell(first)
    expect(texts()).toEqual(['first', 'second'])
    await wait(1_000)
    expect(server.requests).toBe(requests)
  })

  it('ends up with what the server has, whatever is lost, doubled or late', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = seeded(seed)
      chat.dispose()
      server = new FakeServer()
      chat = new ChatStore(server, events)
      await open()
      const late: WireMessage[] = []
      for (let step = 0; step < 60; step += 1) {
        const isNew = server.seq === 0 || random() < 0.6
        const version = isNew
          ? server.write(
              { clientId: `${seed}-${step}`, text: `t${step}` },
              { id: 'you', name: 'You', guest: false },
            )
          : server.change(`m${1 + Math.floor(random() * server.seq)}`, { text: `changed at ${step}` })
        if (random() < 0.7) tell(version)
        else if (random() < 0.5) late.push(version)
        if (random() < 0.2) for (const old of late.splice(0)) tell(old)
        if (random() < 0.1) {
          FakeWebSocket.last.drop()
          await wait(Math.floor(random() * 3_000))
          if (FakeWebSocket.last.readyState === 0) goOnline()
        }
        await wait(Math.floor(random() * 50))
      }
      await wait(20_000)
      if (FakeWebSocket.last.readyState === 0) goOnline()
      FakeWebSocket.last.receive({ type: 'resync' })
      await wait(1_000)
      const { messages } = chat.getSnapshot()
      expect(
        messages.map(({ id, changeSeq, text }) => ({ id, changeSeq, text })),
        `seed ${seed}`,
      ).toEqual(server.all().map(({ id, changeSeq, text }) => ({ id, changeSeq, text })))
    }
  })

  it('says why it cannot be shown, and tries again what may pass', async () => {
    server.offline = true
    await open()
    expect(chat.getSnapshot()).toMatchObject({ state: 'error', code: 'offline' })
    server.offline = false
    await wait(2_000)
    expect(chat.getSnapshot().state).toBe('ready')
  })

  it('counts what others wrote and tells the server what was read', async () => {
    await open()
    tell(server.write({ clientId: 'a', text: 'hello' }, { id: 'you', name: 'You', guest: false }))
    expect(chat.getSnapshot()).toMatchObject({ unread: 1, firstUnreadSeq: 1 })
    chat.markRead()
    expect(chat.getSnapshot()).toMatchObject({ unread: 0, readSeq: 1 })
    await wait()
    expect(server.readSeq).toBe(1)
  })
})

describe('writing', () => {
  it('shows a message at once and once', async () => {
    await open()
    chat.send('hello')
    expect(chat.getSnapshot().pending).toMatchObject([{ text: 'hello', status: 'sending' }])
    await wait()
    expect(chat.getSnapshot().pending).toEqual([])
    expect(texts()).toEqual(['hello'])
    tell(server.all()[0] as WireMessage)
    expect(texts()).toEqual(['hello'])
  })

  it('keeps the order of writing', async () => {
    await open()
    for (const text of ['one', 'two', 'three']) chat.send(text)
    await wait()
    expect(texts()).toEqual(['one', 'two', 'three'])
  })

  it('queues without a connection and sends on return', async () => {
    await open()
    server.offline = true
    FakeWebSocket.last.drop()
    chat.send('one')
    chat.send('two')
    await wait()
    expect(chat.getSnapshot().pending.map((message) => message.status)).toEqual(['queued', 'queued'])
    server.offline = false
    await wait(1_000)
    goOnline()
    await wait()
    expect(chat.getSnapshot().pending).toEqual([])
    expect(server.all().map((message) => message.text)).toEqual(['one', 'two'])
  })

  it('an answer that is lost leaves one message', async () => {
    await open()
    server.loseAnswers = true
    chat.send('once')
    await wait(2_000)
    server.loseAnswers = false
    await wait(20_000)
    expect(server.all()).toHaveLength(1)
    expect(texts()).toEqual(['once'])
    expect(chat.getSnapshot().pending).toEqual([])
  })

  it('an event that is faster than the answer leaves one message', async () => {
    await open()
    chat.send('fast')
    const clientId = chat.getSnapshot().pending[0]?.clientId ?? ''
    tell(server.write({ clientId, text: 'fast' }))
    expect(chat.getSnapshot().pending).toEqual([])
    await wait()
    expect(texts()).toEqual(['fast'])
  })

  it('a refused one can be tried again or thrown away, and others pass', async () => {
    await open()
    server.refuse = 'chatClosed'
    chat.send('no')
    await wait()
    const failed = chat.getSnapshot().pending[0]
    expect(failed).toMatchObject({ status: 'failed', code: 'chatClosed' })
    server.refuse = null
    chat.send('yes')
    await wait()
    expect(texts()).toEqual(['yes'])
    chat.retry(failed?.clientId ?? '')
    await wait()
    expect(texts()).toEqual(['yes', 'no'])
  })
})

describe('marking', () => {
  it('reacts and takes back', async () => {
    await open()
    tell(server.write({ clientId: 'a', text: 'hello' }, { id: 'you', name: 'You', guest: false }))
    await Promise.all([chat.react('m1', '👍', true), wait()])
    expect(chat.getSnapshot().messages[0]?.reactions).toMatchObject([{ emoji: '👍', mine: true }])
    await Promise.all([chat.react('m1', '👍', false), wait()])
    expect(chat.getSnapshot().messages[0]?.reactions).toEqual([])
  })

  it('recalls', async () => {
    await open()
    chat.send('oops')
    await wait()
    await Promise.all([chat.recall('m1'), wait()])
    expect(chat.getSnapshot().messages[0]).toMatchObject({ recalled: true, text: '' })
  })
})

describe('rights', () => {
  it('knows own messages and whether one may write', async () => {
    await open()
    expect(chat.getSnapshot()).toMatchObject({ selfId: 'me', canWrite: true })
    FakeWebSocket.last.receive({ type: 'unsubscribed', conversationId: 'c', code: 'notInMeeting' })
    expect(chat.getSnapshot().canWrite).toBe(false)
  })

  it('asks again to follow when it was refused a moment too early', async () => {
    await open()
    FakeWebSocket.last.receive({ type: 'error', code: 'notInMeeting', message: '', conversationId: 'c' })
    await wait(3_100)
    expect(FakeWebSocket.last.sentOf('subscribe')).toHaveLength(2)
    const missed = server.write({ clientId: 'a', text: 'missed' })
    FakeWebSocket.last.receive({ type: 'subscribed', conversationId: 'c' })
    await wait()
    expect(texts()).toEqual([missed.text])
  })

  it('does not hurry back where it is not welcome', async () => {
    await open()
    FakeWebSocket.last.receive({ type: 'closing', reason: 'unauthenticated', reconnect: false })
    FakeWebSocket.last.drop()
    await wait(30_000)
    expect(FakeWebSocket.all).toHaveLength(1)
    events.restart()
    expect(FakeWebSocket.all).toHaveLength(2)
  })
})
