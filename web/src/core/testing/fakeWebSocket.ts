/** A WebSocket whose other end is the test. */
export class FakeWebSocket extends EventTarget {
  static readonly all: FakeWebSocket[] = []
  static get last(): FakeWebSocket {
    const last = FakeWebSocket.all.at(-1)
    if (!last) throw new Error('no socket was opened')
    return last
  }

  readonly OPEN = 1
  readyState = 0
  readonly url: string
  readonly sent: Record<string, unknown>[] = []

  constructor(url: string) {
    super()
    this.url = url
    FakeWebSocket.all.push(this)
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }

  close(): void {
    this.readyState = 3
  }

  open(): void {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }

  receive(message: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }))
  }

  drop(): void {
    this.readyState = 3
    this.dispatchEvent(new Event('close'))
  }

  sentOf(type: string): Record<string, unknown>[] {
    return this.sent.filter((message) => message.type === type)
  }
}
