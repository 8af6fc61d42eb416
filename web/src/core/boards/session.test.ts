import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BoardLine, FakeBoardServer } from '@/core/testing/boardServer'
import { FakeScene, rectangle } from '@/core/testing/boards'
import { BoardSession, canDraw } from './session'

let server: FakeBoardServer
const open: BoardSession[] = []

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', BoardLine)
  server = new FakeBoardServer()
})
afterEach(() => {
  for (const session of open.splice(0)) session.end()
  server.awareness.destroy()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

function begin(): BoardSession {
  const session = new BoardSession({ boardId: 'b1', person: { key: 'user:m', name: 'Maya' } })
  open.push(session)
  return session
}

async function entered(): Promise<BoardSession> {
  const session = begin()
  await vi.advanceTimersByTimeAsync(100)
  return session
}

const phase = (session: BoardSession) => session.state.getSnapshot().phase

describe('entering a board', () => {
  it('is loading until both have what the other has', async () => {
    server.doc.getMap('elements').set('r', rectangle('r'))
    const session = begin()
    expect(phase(session)).toBe('loading')
    await vi.advanceTimersByTimeAsync(100)
    expect(phase(session)).toBe('live')
    expect(session.elements.has('r')).toBe(true)
    expect(server.line.url).toMatch(/^ws.*\/whiteboard\/b1\?events=1$/)
  })

  it.each([
    ['owner', true, true],
    ['editor', true, true],
    ['editor', false, false],
    ['commenter', false, false],
    ['viewer', false, false],
  ])('as %s with canWrite %s may draw: %s', async (role, canWrite, expected) => {
    server.role = role
    server.canWrite = canWrite
    const session = await entered()
    expect(canDraw(session.state.getSnapshot())).toBe(expected)
    const scene = new FakeScene()
    session.bind(scene)
    scene.draw(rectangle('r'))
    await vi.advanceTimersByTimeAsync(100)
    expect(server.doc.getMap('elements').has('r')).toBe(expected)
  })

  it('tells the others who we are, and sends nothing of theirs back', async () => {
    const session = await entered()
    session.presence.tell({ pointer: { x: 1, y: 2, tool: 'pointer' } })
    await vi.advanceTimersByTimeAsync(100)
    expect([...server.awareness.getStates().values()]).toEqual([
      { user: { key: 'user:m', name: 'Maya' }, pointer: { x: 1, y: 2, tool: 'pointer' } },
    ])
    const heard = server.heard.length
    server.tellAwareness({ user: { key: 'user:k', name: 'Kenji' }, pointer: { x: 5, y: 5, tool: 'laser' } })
    await vi.advanceTimersByTimeAsync(100)
    expect([...session.presence.others.getSnapshot().values()]).toMatchObject([{ user: { name: 'Kenji' } }])
    expect(server.heard).toHaveLength(heard)
  })
})

describe('a lost connection', () => {
  it('is said, kept over, and what was drawn meanwhile arrives', async () => {
    const session = await entered()
    const scene = new FakeScene()
    session.bind(scene)
    server.isThere = false
    server.line.drop(1006)
    expect(phase(session)).toBe('offline')
    scene.draw(rectangle('r'))
    server.doc.getMap('elements').set('s', rectangle('s', { index: 'a2' }))
    await vi.advanceTimersByTimeAsync(20_000)
    expect(phase(session)).toBe('offline')
    server.isThere = true
    await vi.advanceTimersByTimeAsync(20_000)
    expect(phase(session)).toBe('live')
    expect(server.doc.getMap('elements').has('r')).toBe(true)
    expect(scene.order()).toEqual(['r', 's'])
  })

  it.each([4503, 4508, 4529])('is tried again after %s', async (code) => {
    const session = await entered()
    server.line.drop(code)
    expect(phase(session)).toBe('offline')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(phase(session)).toBe('live')
    expect(server.lines).toHaveLength(2)
  })

  it.each([
    [4401, 'signedOut'],
    [4403, 'denied'],
    [4404, 'gone'],
    [4400, 'fault'],
  ])('is final after %s: %s', async (code, expected) => {
    const session = await entered()
    server.line.drop(code)
    expect(phase(session)).toBe(expected)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(server.lines).toHaveLength(1)
    expect(phase(session)).toBe(expected)
    expect(canDraw(session.state.getSnapshot())).toBe(false)
  })
})

describe('a board that was taken away', () => {
  it.each([4403, 4404])('stays as it was, and is not drawn on any more: %s', async (code) => {
    const session = await entered()
    const scene = new FakeScene()
    session.bind(scene)
    scene.draw(rectangle('r'))
    await vi.advanceTimersByTimeAsync(100)
    server.line.drop(code)
    expect(session.state.getSnapshot().remains).toBe(true)
    scene.draw(rectangle('s', { index: 'a2' }))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(scene.order()).toEqual(['r', 's'])
    expect([...session.elements.keys()]).toEqual(['r'])
    expect([...session.presence.others.getSnapshot().values()]).toEqual([])
  })

  it('is nothing to look at when it was never seen', async () => {
    server.refusal = 4404
    const session = await entered()
    expect(session.state.getSnapshot()).toMatchObject({ phase: 'gone', remains: false })
  })
})

describe('what the server says', () => {
  it('a change of role holds at once', async () => {
    const session = await entered()
    server.tell({ type: 'role', role: 'viewer', canWrite: false })
    expect(canDraw(session.state.getSnapshot())).toBe(false)
    server.tell({ type: 'role', role: 'editor', canWrite: true })
    expect(canDraw(session.state.getSnapshot())).toBe(true)
  })

  it('trouble with saving lets one draw while the server can, and passes', async () => {
    const session = await entered()
    server.tell({ type: 'trouble', code: 'notSaved', canWrite: true })
    expect(session.state.getSnapshot()).toMatchObject({ unsaved: true, held: false })
    server.tell({ type: 'trouble', code: 'notSaved', canWrite: false })
    expect(canDraw(session.state.getSnapshot())).toBe(false)
    server.tell({ type: 'healed', canWrite: true })
    expect(session.state.getSnapshot()).toMatchObject({ unsaved: false, held: false })
    expect(canDraw(session.state.getSnapshot())).toBe(true)
  })

  it('a refusal stands until the server has all again', async () => {
    const session = await entered()
    server.tell({ type: 'refused', code: 'boardFull', max: 100 })
    expect(session.state.getSnapshot().refused).toEqual({ code: 'boardFull', max: 100, isTakenBack: false })
    server.tell({ type: 'accepted' })
    expect(session.state.getSnapshot().refused).toBeNull()
  })

  it('what this client does not know changes nothing', async () => {
    const session = await entered()
    const before = session.state.getSnapshot()
    for (const event of [{}, { type: 'fireworks' }, { type: 'role', role: 'king' }, []]) server.tell(event)
    expect(session.state.getSnapshot()).toBe(before)
  })
})
