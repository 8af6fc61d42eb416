import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as sync from 'y-protocols/sync'
import * as Y from 'yjs'

const [messageSync, messageAwareness, messageEvent] = [0, 1, 100]

/** The server's end of boards' connections: one document, and what each line was told. */
export class FakeBoardServer {
  static current: FakeBoardServer

  readonly doc = new Y.Doc()
  readonly awareness = new Awareness(this.doc)
  readonly lines: BoardLine[] = []
  /** What came in: types of messages, sync messages as `0.2`. */
  readonly heard: string[] = []
  role = 'editor'
  canWrite = true
  isThere = true
  /** The close code with which everybody is turned away. */
  refusal: number | null = null

  constructor() {
    FakeBoardServer.current = this
    this.awareness.setLocalState(null)
  }

  get line(): BoardLine {
    const line = this.lines.at(-1)
    if (!line) throw new Error('nobody came')
    return line
  }

  tell(event: object) {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, messageEvent)
    encoding.writeVarString(encoder, JSON.stringify(event))
    this.line.deliver(encoder)
  }

  /** Somebody else is at the board. */
  tellAwareness(state: object) {
    const other = new Awareness(new Y.Doc())
    other.setLocalState(state)
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, messageAwareness)
    encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(other, [other.clientID]))
    this.line.deliver(encoder)
    other.destroy()
  }

  welcome(line: BoardLine) {
    this.lines.push(line)
    const limits = { elements: 5000 }
    this.tell({ type: 'ready', role: this.role, canWrite: this.canWrite, limits })
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, messageSync)
    sync.writeSyncStep1(encoder, this.doc)
    line.deliver(encoder)
  }

  hear(line: BoardLine, data: Uint8Array) {
    const decoder = decoding.createDecoder(data)
    const type = decoding.readVarUint(decoder)
    if (type === messageAwareness) {
      this.heard.push('1')
      applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), line)
      return
    }
    this.heard.push(`${type}.${data[1]}`)
    const reply = encoding.createEncoder()
    encoding.writeVarUint(reply, messageSync)
    sync.readSyncMessage(decoder, reply, this.doc, line)
    if (encoding.length(reply) > 1) line.deliver(reply)
  }
}

/** A WebSocket to the fake server; both sides hear each other in later tasks. */
export class BoardLine {
  static readonly OPEN = 1
  readonly OPEN = 1
  readonly url: string
  binaryType = ''
  readyState = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  readonly #server = FakeBoardServer.current

  constructor(url: string) {
    this.url = url
    setTimeout(() => {
      if (!this.#server.isThere) return this.drop(1006)
      this.readyState = 1
      this.onopen?.()
      if (this.#server.refusal !== null) return this.drop(this.#server.refusal)
      this.#server.welcome(this)
    }, 5)
  }

  send(data: Uint8Array) {
    this.#server.hear(this, data.slice())
  }

  close() {
    this.readyState = 3
  }

  deliver(encoder: encoding.Encoder) {
    const { buffer } = encoding.toUint8Array(encoder).slice()
    if (this.readyState === 1) this.onmessage?.({ data: buffer })
  }

  drop(code: number) {
    this.readyState = 3
    this.onclose?.({ code, reason: '' })
  }
}
