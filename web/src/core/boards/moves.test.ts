import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { Scope } from '@/core/scope'
import { exchange, rectangle, Side } from '@/core/testing/boards'
import { noPlaces, type Places, presenceMoves, readPlaces, writePlaces } from './moves'
import { BoardPresence } from './presence'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const ids = Array.from({ length: 20 }, (_, at) => `e${String(at).padStart(2, '0')}`)

/** Sides that have the same twenty elements. */
function sides<const N extends number>(count: N): Side[] & { length: N } {
  const all = Array.from({ length: count }, () => new Side())
  all[0]?.scene.draw(...ids.map((id, at) => rectangle(id, { index: `b${String(at).padStart(2, '0')}` })))
  exchange(...all)
  return all as Side[] & { length: N }
}

function moveAll(side: Side, x: number, y = 0) {
  for (const id of ids) side.scene.change(id, { x, y })
}

const newest = ({ moves }: Side): Places => moves.told.at(-1) ?? noPlaces

describe('a selection of many that is moved', () => {
  it('is told beside the document, which is written once when it is put down', () => {
    const [maya] = sides(1) as [Side]
    const sent = maya.sent.length
    maya.scene.hold(...ids)
    for (let step = 1; step <= 20; step++) {
      moveAll(maya, step)
      vi.advanceTimersByTime(33)
    }
    expect(maya.sent).toHaveLength(sent)
    expect(maya.moves.told.length).toBeGreaterThan(15)
    expect(newest(maya).get('e00')).toEqual([20, 0])
    maya.scene.letGo()
    vi.advanceTimersByTime(40)
    expect(maya.sent).toHaveLength(sent + 1)
    expect(maya.map.get('e19')).toMatchObject({ x: 20 })
    expect(maya.moves.isOver).toBe(true)
  })

  it('is in the document every two seconds, also while the hand rests', () => {
    const [maya] = sides(1) as [Side]
    const sent = maya.sent.length
    maya.scene.hold(...ids)
    moveAll(maya, 7)
    vi.advanceTimersByTime(2100)
    expect(maya.sent).toHaveLength(sent + 1)
    expect(maya.map.get('e07')).toMatchObject({ x: 7 })
    expect(maya.moves.isOver).toBe(false)
    for (let step = 0; step < 200; step++) {
      moveAll(maya, 8 + step)
      vi.advanceTimersByTime(33)
    }
    expect(maya.sent.length - sent).toBeGreaterThanOrEqual(3)
    expect(maya.sent.length - sent).toBeLessThanOrEqual(5)
  })

  it('is all written when the board is left in the middle of it', () => {
    const [maya] = sides(1) as [Side]
    maya.scene.hold(...ids)
    moveAll(maya, 5)
    vi.advanceTimersByTime(100)
    expect(maya.map.get('e00')).toMatchObject({ x: 0 })
    maya.binding.end()
    expect(maya.map.get('e00')).toMatchObject({ x: 5 })
  })

  it('is written as ever when it is few, resized, or new', () => {
    const [maya] = sides(1) as [Side]
    maya.scene.hold('e00', 'e01')
    maya.scene.change('e00', { x: 3 })
    vi.advanceTimersByTime(40)
    expect(maya.map.get('e00')).toMatchObject({ x: 3 })
    maya.scene.hold(...ids)
    for (const id of ids) maya.scene.change(id, { x: 9, width: 44 })
    vi.advanceTimersByTime(500)
    expect(maya.map.get('e10')).toMatchObject({ width: 44 })
    expect(maya.moves.told).toEqual([])
  })

  it('goes along on the canvas of the others, who write nothing', () => {
    const [maya, kenji] = sides(2) as [Side, Side]
    maya.scene.hold(...ids)
    moveAll(maya, 30, 40)
    vi.advanceTimersByTime(40)
    const sent = kenji.sent.length
    kenji.moves.hear(newest(maya))
    vi.advanceTimersByTime(40)
    expect(kenji.scene.find('e05')).toMatchObject({ x: 30, y: 40 })
    expect(kenji.map.get('e05')).toMatchObject({ x: 0 })
    const { shows } = kenji.scene
    kenji.moves.hear(new Map(newest(maya)))
    vi.advanceTimersByTime(40)
    expect(kenji.scene.shows).toBe(shows)

    maya.scene.letGo()
    exchange(maya, kenji)
    kenji.moves.hear(noPlaces)
    vi.advanceTimersByTime(40)
    expect(kenji.scene.find('e05')).toMatchObject({ x: 30, y: 40 })
    expect(kenji.seen()).toEqual(maya.seen())
    expect(kenji.sent).toHaveLength(sent)
  })

  it('goes back to where the document has it when the mover is lost', () => {
    const [maya, kenji] = sides(2) as [Side, Side]
    kenji.moves.hear(new Map(ids.map((id) => [id, [500, 500]])))
    vi.advanceTimersByTime(40)
    expect(kenji.scene.find('e00')?.x).toBe(500)
    kenji.moves.hear(noPlaces)
    vi.advanceTimersByTime(40)
    expect(kenji.seen()).toEqual(maya.seen())
    expect(kenji.sent).toEqual([])
  })

  it('is seen by who comes in the middle of it, and does not shift what is in hand', () => {
    const [maya] = sides(1) as [Side]
    const late = new Side(maya.state)
    late.scene.hold('e03')
    late.moves.hear(new Map(ids.map((id) => [id, [60, 70]])))
    vi.advanceTimersByTime(40)
    expect(late.scene.find('e04')).toMatchObject({ x: 60, y: 70 })
    expect(late.scene.find('e03')).toMatchObject({ x: 0, y: 0 })
    late.scene.letGo()
    vi.advanceTimersByTime(40)
    expect(late.scene.find('e03')).toMatchObject({ x: 60, y: 70 })
    expect(late.sent).toEqual([])
  })

  it('keeps what somebody else changed of an element meanwhile, and where it was put', () => {
    const [maya, kenji] = sides(2) as [Side, Side]
    maya.scene.hold(...ids)
    moveAll(maya, 10)
    vi.advanceTimersByTime(100)
    kenji.moves.hear(newest(maya))
    vi.advanceTimersByTime(40)
    kenji.scene.change('e02', { strokeColor: '#e03131' })
    kenji.scene.change('e03', { isDeleted: true })
    kenji.binding.flush()
    maya.receive(kenji.state)
    for (let step = 0; step < 100; step++) {
      moveAll(maya, 11 + step)
      vi.advanceTimersByTime(33)
    }
    maya.scene.letGo()
    exchange(maya, kenji)
    kenji.moves.hear(noPlaces)
    for (let round = 0; round < 3; round++) {
      exchange(maya, kenji)
      vi.advanceTimersByTime(200)
    }
    const late = new Side(maya.state)
    expect(late.scene.find('e02')).toMatchObject({ x: 110, strokeColor: '#e03131' })
    expect(maya.seen()).toEqual(late.seen())
    expect(kenji.seen()).toEqual(late.seen())
  })

  it('does not fill the document', () => {
    const [maya] = sides(1) as [Side]
    const before = maya.state.length
    maya.scene.hold(...ids)
    for (let step = 1; step <= 10_000; step++) {
      moveAll(maya, step / 3, step / 7)
      vi.advanceTimersByTime(33)
    }
    maya.scene.letGo()
    vi.advanceTimersByTime(1000)
    expect(maya.state.length - before).toBeLessThan(40 * 1024)
    expect(maya.map.get('e00')).toMatchObject({ x: 10_000 / 3 })
    expect(maya.sent.length).toBeLessThan(200)
  })
})

describe('places, as they are sent', () => {
  it('are rounded, and fit into what the server takes, whatever their ids', () => {
    const places = new Map(
      Array.from({ length: 900 }, (_, at) => [`${at}`.padStart(36, 'i'), [-1234567.8912, 9.999] as const]),
    )
    const json = JSON.stringify(Object.fromEntries(writePlaces(places)))
    expect(json.length).toBeLessThan(10 * 1024)
    expect(json).toContain('[-1234567.89,10]')
  })

  it('are read with what makes sense of them', () => {
    expect(readPlaces({ a: [1, 2], b: [1], c: ['1', 2], d: [Number.NaN, 1], e: null })).toEqual(
      new Map([['a', [1, 2]]]),
    )
    expect(readPlaces('moving')).toBeUndefined()
    expect(readPlaces({})).toBeUndefined()
  })
})

it('presence carries them there, and rests a moment after the last', () => {
  const scope = new Scope()
  const [mine, theirs] = [new Awareness(new Y.Doc()), new Awareness(new Y.Doc())]
  const person = (name: string) => ({ key: `user:${name}`, name })
  const own = presenceMoves(new BoardPresence(mine, person('Maya'), scope), scope)
  const other = presenceMoves(new BoardPresence(theirs, person('Kenji'), scope), scope)
  const carry = () => {
    vi.advanceTimersByTime(40)
    applyAwarenessUpdate(theirs, encodeAwarenessUpdate(mine, [mine.clientID]), 'server')
    vi.advanceTimersByTime(40)
  }
  own.tell(new Map([['a', [1.234, 5]]]), false)
  carry()
  expect(other.others()).toEqual(new Map([['a', [1.23, 5]]]))
  expect(other.others()).toBe(other.others())
  own.tell(new Map([['a', [9, 9]]]), true)
  carry()
  expect(other.others()).toEqual(new Map([['a', [9, 9]]]))
  vi.advanceTimersByTime(300)
  carry()
  expect(other.others()).toBe(noPlaces)
  scope.end()
})
