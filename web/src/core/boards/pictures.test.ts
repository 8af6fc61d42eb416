import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Scope } from '@/core/scope'
import { BoardPictures } from './pictures'
import { type BoardServer, RefusedPicture } from './server'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A server that is there or not, with what it was sent. */
function setUp() {
  const held = new Map<string, Blob>()
  const log = { found: [] as string[], missing: [] as string[], asked: 0, atOnce: 0, most: 0 }
  const server: BoardServer & { isThere: boolean; refuses: string | null } = {
    isThere: true,
    refuses: null,
    async sendPicture(bytes) {
      if (server.refuses) throw new RefusedPicture(server.refuses)
      if (!server.isThere) throw new Error('offline')
      held.set(await bytes.text(), bytes)
    },
    async fetchPicture(id) {
      log.asked++
      log.most = Math.max(log.most, ++log.atOnce)
      await new Promise((resolve) => setTimeout(resolve, 10))
      log.atOnce--
      const bytes = held.get(id)
      if (!server.isThere || !bytes) throw new Error('404')
      return bytes
    },
  }
  const scope = new Scope()
  const pictures = new BoardPictures({
    boardId: 'b',
    personKey: 'user:a',
    server,
    scope,
    onFound: (id) => log.found.push(id),
    onMissing: (id) => log.missing.push(id),
  })
  return { pictures, server, scope, held, log }
}

it('keeps a picture until the server can be reached', async () => {
  const { pictures, server, held } = setUp()
  server.isThere = false
  pictures.add({ id: 'one', bytes: new Blob(['one']) })
  await vi.advanceTimersByTimeAsync(5000)
  expect(pictures.state.getSnapshot().waiting).toBe(1)
  server.isThere = true
  await vi.advanceTimersByTimeAsync(60_000)
  expect(pictures.state.getSnapshot().waiting).toBe(0)
  expect([...held.keys()]).toEqual(['one'])
})

it('says what the server refused, and goes on with the next', async () => {
  const { pictures, server, held, log } = setUp()
  server.refuses = 'tooLarge'
  pictures.add({ id: 'one', bytes: new Blob(['one']) })
  await vi.advanceTimersByTimeAsync(10)
  expect(pictures.state.getSnapshot()).toEqual({ waiting: 0, refused: 'tooLarge' })
  expect(log.missing).toEqual(['one'])
  server.refuses = null
  pictures.add({ id: 'two', bytes: new Blob(['two']) })
  await vi.advanceTimersByTimeAsync(10)
  expect([...held.keys()]).toEqual(['two'])
})

it('fetches each picture once, a few at a time', async () => {
  const { pictures, held, log } = setUp()
  const ids = Array.from({ length: 12 }, (_, at) => `p${at}`)
  for (const id of ids) held.set(id, new Blob([id]))
  pictures.want(ids)
  pictures.want(ids)
  await vi.advanceTimersByTimeAsync(1000)
  expect(log.found.sort()).toEqual([...ids].sort())
  expect(log.asked).toBe(12)
  expect(log.most).toBe(4)
})

it('asks again for a picture that somebody is still sending, and marks it meanwhile', async () => {
  const { pictures, held, log } = setUp()
  pictures.want(['late'])
  await vi.advanceTimersByTimeAsync(20_000)
  expect(log.missing).toContain('late')
  held.set('late', new Blob(['late']))
  await vi.advanceTimersByTimeAsync(40_000)
  expect(log.found).toEqual(['late'])
})

it('asks nothing any more when the board is left', async () => {
  const { pictures, scope, log } = setUp()
  pictures.want(['never'])
  await vi.advanceTimersByTimeAsync(100)
  scope.end()
  const { asked } = log
  await vi.advanceTimersByTimeAsync(120_000)
  expect(log.asked).toBe(asked)
})
