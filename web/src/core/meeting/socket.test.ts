import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeWebSocket } from '../testing/fakeWebSocket'
import { SignalSocket, type SocketEnd, type SocketHandler } from './socket'
import type { Welcome } from './wire'

const welcome: Welcome = {
  version: 1,
  participantId: 'p1',
  resumeToken: 'token-1',
  resumed: false,
  waiting: false,
  title: 'Standup',
  iceServers: [],
  codecs: { camera: 'VP8', share: 'VP8' },
  pingSeconds: 5,
  resumeSeconds: 30,
  serverTime: 0,
}

class Recorder implements SocketHandler {
  readonly events: string[] = []
  ended: SocketEnd | null = null
  onWelcome(message: Welcome) {
    this.events.push(message.resumed ? 'resumed' : 'welcome')
  }
  onNews(message: { type: string }) {
    this.events.push(message.type)
  }
  onInterrupted() {
    this.events.push('interrupted')
  }
  onEnded(end: SocketEnd) {
    this.ended = end
  }
  onHeartbeat() {
    this.events.push('heartbeat')
  }
}

const opened: SignalSocket[] = []

function connect(options: { resume?: string } = {}) {
  const handler = new Recorder()
  const socket = new SignalSocket({
    url: 'ws://parley.test/signal',
    client: 'test',
    locale: 'en',
    handler,
    random: () => 0,
    ...options,
  })
  socket.start()
  opened.push(socket)
  return { socket, handler }
}

function greet(message: Partial<Welcome> = {}) {
  FakeWebSocket.last.open()
  FakeWebSocket.last.receive({ type: 'welcome', ...welcome, ...message })
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeWebSocket)
  FakeWebSocket.all.length = 0
})

afterEach(() => {
  for (const socket of opened.splice(0)) socket.close()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('greeting', () => {
  it('says hello first, without a token', () => {
    connect()
    FakeWebSocket.last.open()
    expect(FakeWebSocket.last.sent).toEqual([
      { type: 'hello', id: 1, version: 1, client: 'test', locale: 'en' },
    ])
  })

  it('asks for new media when the token is of an earlier page', () => {
    connect({ resume: 'old' })
    FakeWebSocket.last.open()
    expect(FakeWebSocket.last.sent[0]).toMatchObject({ resume: 'old', newMedia: true })
  })

  it.each([['meetingNotFound'], ['removedFromMeeting'], ['unsupportedVersion']])(
    'ends with %s when it is refused',
    (code) => {
      const { handler } = connect()
      FakeWebSocket.last.open()
      FakeWebSocket.last.receive({ type: 'error', id: 1, code, message: '' })
      expect(handler.ended).toEqual({ reason: 'error', code })
    },
  )

  it('enters anew when the token is no longer good', async () => {
    connect({ resume: 'old' })
    FakeWebSocket.last.open()
    FakeWebSocket.last.receive({ type: 'error', id: 1, code: 'resumeInvalid', message: '' })
    await vi.advanceTimersByTimeAsync(0)
    FakeWebSocket.last.open()
    expect(FakeWebSocket.all).toHaveLength(2)
    expect(FakeWebSocket.last.sent[0]).not.toHaveProperty('resume')
  })

  it('gives up when nobody answers for twenty seconds', async () => {
    const { handler } = connect()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(handler.ended).toEqual({ reason: 'network' })
  })
})

describe('coming back', () => {
  it('tries at once and resumes with the newest token, keeping its media', async () => {
    const { handler, socket } = connect()
    greet()
    socket.renewResume('token-2')
    FakeWebSocket.last.drop()
    expect(handler.events).toEqual(['welcome', 'interrupted'])
    await vi.advanceTimersByTimeAsync(0)
    greet({ resumed: true })
    expect(FakeWebSocket.last.sent[0]).toMatchObject({ type: 'hello', resume: 'token-2' })
    expect(FakeWebSocket.last.sent[0]).not.toHaveProperty('newMedia')
    expect(handler.events).toEqual(['welcome', 'interrupted', 'resumed'])
  })

  it('never waits longer than two seconds while the server keeps the place', async () => {
    connect()
    greet()
    const attempts: number[] = []
    const lostAt = Date.now()
    FakeWebSocket.last.drop()
    while (Date.now() < lostAt + 25_000) {
      const before = FakeWebSocket.all.length
      const from = Date.now()
      while (FakeWebSocket.all.length === before) await vi.advanceTimersByTimeAsync(50)
      attempts.push(Date.now() - from)
      FakeWebSocket.last.drop()
    }
    expect(Math.max(...attempts)).toBeLessThanOrEqual(2_050)
    expect(attempts[0]).toBeLessThanOrEqual(50)
  })

  it('drops an attempt that hangs and tries again', async () => {
    connect()
    greet()
    FakeWebSocket.last.drop()
    await vi.advanceTimersByTimeAsync(4_500)
    expect(FakeWebSocket.all).toHaveLength(3)
  })

  it('tries at once when the network is back', async () => {
    connect()
    greet()
    FakeWebSocket.last.drop()
    await vi.advanceTimersByTimeAsync(0)
    FakeWebSocket.last.drop()
    FakeWebSocket.all.length = 0
    window.dispatchEvent(new Event('online'))
    expect(FakeWebSocket.all).toHaveLength(1)
  })

  it('gives up an attempt that was made without the network', async () => {
    connect()
    greet()
    FakeWebSocket.last.drop()
    await vi.advanceTimersByTimeAsync(1_500)
    window.dispatchEvent(new Event('online'))
    await vi.advanceTimersByTimeAsync(0)
    expect(FakeWebSocket.all).toHaveLength(3)
  })

  it('gives up after three minutes', async () => {
    const { handler } = connect()
    greet()
    FakeWebSocket.last.drop()
    await vi.advanceTimersByTimeAsync(240_000)
    expect(handler.ended).toEqual({ reason: 'network' })
  })

  it.each([
    ['shutdown', true, null],
    ['overflow', true, null],
    ['removed', false, { reason: 'removed' }],
    ['ended', false, { reason: 'ended' }],
    ['replaced', false, { reason: 'replaced' }],
  ] as const)('takes closing %s with reconnect %s', async (reason, reconnect, ended) => {
    const { handler } = connect()
    greet()
    FakeWebSocket.last.receive({ type: 'closing', reason, reconnect })
    await vi.advanceTimersByTimeAsync(0)
    expect(handler.ended).toEqual(ended)
    expect(FakeWebSocket.all).toHaveLength(reconnect ? 2 : 1)
  })
})

describe('watching the link', () => {
  it('pings as often as it was told', async () => {
    const { handler } = connect()
    greet()
    await vi.advanceTimersByTimeAsync(5_000)
    const [ping] = FakeWebSocket.last.sentOf('ping')
    FakeWebSocket.last.receive({ type: 'pong', id: ping?.id, serverTime: 1 })
    await vi.advanceTimersByTimeAsync(0)
    expect(handler.events).toContain('heartbeat')
  })

  it('takes three silent pings for a dead link', async () => {
    const { handler } = connect()
    greet()
    await vi.advanceTimersByTimeAsync(14_900)
    expect(handler.events).not.toContain('interrupted')
    await vi.advanceTimersByTimeAsync(5_200)
    expect(handler.events).toContain('interrupted')
  })

  it('drops a link within three seconds when a probe stays silent', async () => {
    const { handler, socket } = connect()
    greet()
    await vi.advanceTimersByTimeAsync(10)
    socket.probe()
    await vi.advanceTimersByTimeAsync(2_600)
    expect(handler.events).toContain('interrupted')
  })

  it('keeps a link that answers the probe', async () => {
    const { handler, socket } = connect()
    greet()
    socket.probe()
    const [ping] = FakeWebSocket.last.sentOf('ping')
    await vi.advanceTimersByTimeAsync(1_000)
    FakeWebSocket.last.receive({ type: 'pong', id: ping?.id, serverTime: 1 })
    await vi.advanceTimersByTimeAsync(2_000)
    expect(handler.events).not.toContain('interrupted')
  })
})

describe('requests', () => {
  it('are settled by the answer with their id', async () => {
    const { socket } = connect()
    greet()
    const first = socket.request({ type: 'raiseHand', raised: true })
    const second = socket.request({ type: 'rename', name: '' })
    const [raise] = FakeWebSocket.last.sentOf('raiseHand')
    const [rename] = FakeWebSocket.last.sentOf('rename')
    FakeWebSocket.last.receive({ type: 'error', id: rename?.id, code: 'nameInvalid', message: 'no' })
    FakeWebSocket.last.receive({ type: 'ok', id: raise?.id })
    await expect(first).resolves.toMatchObject({ type: 'ok' })
    await expect(second).rejects.toMatchObject({ code: 'nameInvalid' })
  })

  it('fail when the connection is lost, and at once when there is none', async () => {
    const { socket } = connect()
    greet()
    const open = socket.request({ type: 'muteAll' })
    FakeWebSocket.last.drop()
    await expect(open).rejects.toMatchObject({ code: 'unavailable' })
    await expect(socket.request({ type: 'muteAll' })).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('fail after fifteen seconds without an answer', async () => {
    const { socket } = connect()
    greet()
    const open = socket.request({ type: 'muteAll' })
    const outcome = expect(open).rejects.toMatchObject({ code: 'timedOut' })
    for (let second = 0; second < 16; second += 1) {
      FakeWebSocket.last.receive({ type: 'speakers', speakers: [] })
      await vi.advanceTimersByTimeAsync(1_000)
    }
    await outcome
  })

  it('nothing is told after close', async () => {
    const { socket, handler } = connect()
    greet()
    socket.close()
    expect(FakeWebSocket.last.sentOf('leave')).toHaveLength(1)
    FakeWebSocket.last.drop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(handler.events).toEqual(['welcome'])
    expect(handler.ended).toBeNull()
    expect(FakeWebSocket.all).toHaveLength(1)
  })
})
