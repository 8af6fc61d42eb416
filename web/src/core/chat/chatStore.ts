import { type EventStream, eventStream } from '../events/eventStream'
import { newId } from '../id'
import { retryDelayMs } from '../reconnect'
import { Scope } from '../scope'
import { StateStore, type Store } from '../store'
import { type ChatApi, type Conversation, chatApi, codeOf, isPassing } from './chatApi'
import { countUnread, mergeMessages, seenBy } from './merge'
import { Outbox } from './outbox'
import type { ChatMessage, ChatSnapshot, PendingMessage, SendOptions, WireMessage } from './state'

const pageSize = 50
const changesSize = 200
/** Changes may overtake each other for a moment; a gap that stays longer is asked for. */
const gapMs = 300
const maxRetryMs = 15_000

const empty: ChatSnapshot = {
  state: 'loading',
  online: false,
  messages: [],
  pending: [],
  hasOlder: false,
  loadingOlder: false,
  readSeq: 0,
  unread: 0,
  firstUnreadSeq: null,
  canWrite: false,
  selfId: null,
}

/** One conversation that is open: its server state, and how far we know its changes without a gap. */
interface Opened {
  id: string
  scope: Scope
  /** Every change up to this one has been seen. */
  changeSeq: number
  /** Changes beyond it that have been seen already, because they overtook others. */
  ahead: Set<number>
  catchingUp: Promise<void> | null
  catchUpAgain: boolean
  attempt: number
}

/**
 * A conversation as it is read and written. Messages come by pages and events, in any order and number; whatever was
 * missed is asked for by the last change seen, after each reconnect. What is written waits in the outbox until the
 * server has it.
 */
export class ChatStore implements Store<ChatSnapshot> {
  readonly #store = new StateStore<ChatSnapshot>(empty)
  readonly #api: ChatApi
  readonly #events: EventStream
  readonly #outbox: Outbox
  #opened: Opened | null = null
  #reading: Promise<void> | null = null

  constructor(api: ChatApi = chatApi, events: EventStream = eventStream()) {
    this.#api = api
    this.#events = events
    this.#outbox = new Outbox((message) => this.#deliver(message), {
      onChange: (pending) => this.#patch({ pending }),
      onDelivered: (message) => this.#take([message]),
    })
  }

  readonly getSnapshot = (): ChatSnapshot => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** Shows a conversation, in place of the one before. */
  open(id: string): void {
    if (this.#opened?.id === id && this.getSnapshot().state !== 'error') return
    this.#close()
    const scope = new Scope()
    const opened: Opened = {
      id,
      scope,
      changeSeq: 0,
      ahead: new Set(),
      catchingUp: null,
      catchUpAgain: false,
      attempt: 0,
    }
    this.#opened = opened
    this.#store.set({ ...empty, online: this.#events.getSnapshot().online })
    scope.add(this.#events.subscribe(() => this.#onStream(opened)))
    scope.add(this.#events.on('message', (event) => this.#onMessage(opened, event)))
    scope.add(this.#events.on('read', (event) => this.#onRead(opened, event)))
    scope.add(this.#events.on('ready', () => this.#catchUp(opened)))
    scope.add(this.#events.on('resync', (event) => this.#onResync(opened, event.conversationId)))
    scope.add(this.#events.on('subscribed', (event) => this.#onResync(opened, event.conversationId)))
    scope.add(this.#events.on('unsubscribed', (event) => this.#onUnsubscribed(opened, event)))
    scope.add(this.#events.watch(id))
    void this.#load(opened)
  }

  async loadOlder(): Promise<void> {
    const opened = this.#opened
    const { state, hasOlder, loadingOlder, messages } = this.getSnapshot()
    const oldest = messages[0]
    if (!opened || state !== 'ready' || !hasOlder || loadingOlder || !oldest) return
    this.#patch({ loadingOlder: true })
    try {
      const page = await this.#api.messages(opened.id, { before: oldest.seq, limit: pageSize })
      if (this.#opened !== opened) return
      this.#patch({ hasOlder: page.hasMore })
      this.#merge(page.items, 0)
    } finally {
      if (this.#opened === opened) this.#patch({ loadingOlder: false })
    }
  }

  send(text: string, options: SendOptions = {}): void {
    if (!this.#opened) return
    this.#outbox.add({
      clientId: newId(),
      text,
      ...(options.replyTo ? { replyTo: options.replyTo } : {}),
      mentions: options.mentions ?? [],
      status: 'sending',
      createdAt: new Date().toISOString(),
    })
  }

  retry(clientId: string): void {
    this.#outbox.retry(clientId)
  }

  discard(clientId: string): void {
    this.#outbox.discard(clientId)
  }

  /** Rejects with an ApiError when it is refused. */
  async react(messageId: string, emoji: string, on: boolean): Promise<void> {
    this.#take([await this.#api.react(messageId, emoji, on)])
  }

  /** Rejects with an ApiError when it is refused. */
  async recall(messageId: string): Promise<void> {
    this.#take([await this.#api.recall(messageId)])
  }

  /** Everything that is there now has been read. */
  markRead(): void {
    const seq = this.getSnapshot().messages.at(-1)?.seq ?? 0
    if (!this.#opened || seq <= this.getSnapshot().readSeq) return
    this.#setRead(seq)
    this.#reading ??= this.#sendRead(this.#opened).finally(() => {
      this.#reading = null
    })
  }

  dispose(): void {
    this.#close()
    this.#outbox.close()
  }

  #close(): void {
    this.#opened?.scope.end()
    this.#opened = null
    this.#outbox.clear()
  }

  /** The head first: whatever changes after it is then found by its change number. */
  async #load(opened: Opened): Promise<void> {
    try {
      const head = await this.#api.conversation(opened.id)
      const page = await this.#api.messages(opened.id, { limit: pageSize })
      if (opened.scope.ended) return
      opened.changeSeq = head.changeSeq
      opened.attempt = 0
      this.#patch({ state: 'ready', hasOlder: page.hasMore, readSeq: head.readSeq, ...rightsOf(head) })
      this.#merge(page.items, 0)
      this.#catchUp(opened)
    } catch (error) {
      if (opened.scope.ended) return
      this.#store.update(({ code: _, ...snapshot }) => ({ ...snapshot, state: 'error', code: codeOf(error) }))
      if (isPassing(error)) this.#again(opened, () => void this.#load(opened))
    }
  }

  #again(opened: Opened, run: () => void): void {
    opened.attempt += 1
    opened.scope.timeout(run, retryDelayMs(opened.attempt, maxRetryMs))
  }

  #onStream(opened: Opened): void {
    const { online } = this.#events.getSnapshot()
    this.#patch({ online })
    if (!online) return
    this.#outbox.flush()
    if (this.getSnapshot().state === 'error') void this.#load(opened)
    else if (this.getSnapshot().state === 'ready') void this.#refreshHead(opened)
  }

  async #refreshHead(opened: Opened): Promise<void> {
    const head = await this.#api.conversation(opened.id).catch((): Conversation | null => null)
    if (!head || opened.scope.ended) return
    this.#patch(rightsOf(head))
    this.#setRead(head.readSeq)
  }

  #onMessage(opened: Opened, event: { conversationId: string; message: WireMessage }): void {
    if (event.conversationId !== opened.id) return
    const { changeSeq } = event.message
    this.#take([event.message])
    if (changeSeq <= opened.changeSeq) return
    opened.ahead.add(changeSeq)
    advance(opened, opened.changeSeq)
    if (opened.changeSeq < changeSeq) opened.scope.timeout(() => this.#fillGap(opened, changeSeq), gapMs)
  }

  #fillGap(opened: Opened, changeSeq: number): void {
    if (opened.changeSeq < changeSeq) this.#catchUp(opened)
  }

  #onResync(opened: Opened, conversationId: string | undefined): void {
    if (conversationId !== undefined && conversationId !== opened.id) return
    if (this.getSnapshot().state === 'error') void this.#load(opened)
    else this.#catchUp(opened)
  }

  #onUnsubscribed(opened: Opened, event: { conversationId: string; code?: string }): void {
    if (event.conversationId === opened.id && event.code) this.#patch({ canWrite: false })
  }

  #onRead(opened: Opened, event: { conversationId: string; seq: number }): void {
    if (event.conversationId === opened.id) this.#setRead(event.seq)
  }

  /** Asks for all changes since the last one seen; of several wishes while one runs, one more run is enough. */
  #catchUp(opened: Opened): void {
    if (this.getSnapshot().state !== 'ready' || opened.scope.ended) return
    if (opened.catchingUp) {
      opened.catchUpAgain = true
      return
    }
    opened.catchingUp = this.#pullChanges(opened)
      .then(
        () => {
          opened.attempt = 0
        },
        (error: unknown) => {
          if (isPassing(error)) this.#again(opened, () => this.#catchUp(opened))
        },
      )
      .finally(() => {
        opened.catchingUp = null
        if (opened.catchUpAgain) this.#catchUp(opened)
      })
  }

  async #pullChanges(opened: Opened): Promise<void> {
    opened.catchUpAgain = false
    let hasMore = true
    while (hasMore && !opened.scope.ended) {
      const page = await this.#api.changes(opened.id, opened.changeSeq, changesSize)
      if (opened.scope.ended) return
      this.#take(page.items)
      const advanced = page.changeSeq > opened.changeSeq
      advance(opened, page.changeSeq)
      hasMore = page.hasMore && advanced
    }
  }

  /** Takes messages from anywhere but an older page. */
  #take(messages: ReadonlyArray<WireMessage>): void {
    const { hasOlder, messages: present, state } = this.getSnapshot()
    if (state !== 'ready') return
    this.#merge(messages, hasOlder ? (present[0]?.seq ?? 0) : 0)
  }

  #merge(incoming: ReadonlyArray<WireMessage>, oldestSeq: number): void {
    const opened = this.#opened
    if (!opened) return
    const own = incoming
      .filter((message) => message.conversationId === opened.id)
      .map((message) => seenBy(message, this.getSnapshot().selfId))
    const messages = mergeMessages(this.getSnapshot().messages, own, oldestSeq)
    this.#outbox.arrived(own)
    this.#patch({ messages, ...this.#unread(messages, this.getSnapshot().readSeq) })
  }

  #unread(messages: ReadonlyArray<ChatMessage>, readSeq: number) {
    return countUnread(messages, readSeq, this.getSnapshot().selfId, this.getSnapshot().hasOlder)
  }

  #setRead(seq: number): void {
    const { messages, readSeq } = this.getSnapshot()
    if (seq > readSeq) this.#patch({ readSeq: seq, ...this.#unread(messages, seq) })
  }

  /** Tells the server; what is read while it is being told, is told afterwards. */
  async #sendRead(opened: Opened): Promise<void> {
    let told = 0
    while (!opened.scope.ended && told < this.getSnapshot().readSeq) {
      told = this.getSnapshot().readSeq
      // Not worth a word to the reader: the next mark tells it again.
      await this.#api.markRead(opened.id, told).catch(() => {})
    }
  }

  #deliver(message: PendingMessage): Promise<WireMessage> {
    const id = this.#opened?.id ?? ''
    const { clientId, text, replyTo, mentions } = message
    return this.#api.send(id, {
      clientId,
      text,
      ...(replyTo ? { replyTo: replyTo.id } : {}),
      ...(mentions.length > 0 ? { mentions: [...mentions] } : {}),
    })
  }

  #patch(change: Partial<ChatSnapshot>): void {
    this.#store.update((snapshot) => {
      const keys = Object.keys(change) as (keyof ChatSnapshot)[]
      return keys.every((key) => Object.is(snapshot[key], change[key]))
        ? snapshot
        : { ...snapshot, ...change }
    })
  }
}

function rightsOf(head: Conversation): Pick<ChatSnapshot, 'canWrite' | 'selfId'> {
  return { canWrite: head.canWrite, selfId: head.selfId }
}

/** Everything up to a change is known, and whatever follows it without a gap. */
function advance(opened: Opened, known: number): void {
  opened.changeSeq = Math.max(opened.changeSeq, known)
  while (opened.ahead.delete(opened.changeSeq + 1)) opened.changeSeq += 1
  for (const changeSeq of opened.ahead) if (changeSeq <= opened.changeSeq) opened.ahead.delete(changeSeq)
}
