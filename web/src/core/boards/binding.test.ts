import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { exchange, FakeScene, rectangle, Side } from '@/core/testing/boards'
import { seeded } from '@/core/testing/random'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('what one draws', () => {
  it('reaches the others whole, and nothing comes back', () => {
    const [maya, kenji] = [new Side(), new Side()]
    maya.scene.draw(rectangle('r', { x: 5, strokeColor: '#e03131' }))
    exchange(maya, kenji)
    expect(kenji.scene.find('r')).toMatchObject({ x: 5, strokeColor: '#e03131' })
    vi.advanceTimersByTime(1000)
    exchange(maya, kenji)
    expect(kenji.sent).toEqual([])
    expect(maya.sent).toHaveLength(1)
  })

  it('is written at most every 33 ms, the last state never left out', () => {
    const maya = new Side()
    maya.scene.draw(rectangle('r'))
    vi.advanceTimersByTime(0)
    for (let ms = 0; ms < 990; ms += 5) {
      maya.scene.change('r', { x: ms })
      vi.advanceTimersByTime(5)
    }
    vi.advanceTimersByTime(33)
    expect(maya.sent.length).toBeLessThanOrEqual(32)
    expect(maya.sent.length).toBeGreaterThan(25)
    expect(maya.map.get('r')).toMatchObject({ x: 985 })
  })

  it('is written less often when it is a long stroke', () => {
    const maya = new Side()
    const points = Array.from({ length: 1500 }, (_, at) => [at / 3, at / 7])
    maya.scene.draw(rectangle('s', { type: 'freedraw', points, pressures: [], simulatePressure: true }))
    vi.advanceTimersByTime(0)
    for (let at = 0; at < 300; at++) {
      points.push([at, at])
      maya.scene.change('s', { points: [...points] })
      vi.advanceTimersByTime(10)
    }
    const bytes = maya.sent.reduce((sum, update) => sum + update.length, 0)
    expect(bytes / 3).toBeLessThanOrEqual(70 * 1024)
    vi.advanceTimersByTime(2000)
    expect((maya.map.get('s') as { points: unknown[] }).points).toHaveLength(1800)
  })

  it('is not written while it is only begun, and leaves no trace when it is given up', () => {
    const maya = new Side()
    maya.scene.draw(rectangle('r', { width: 0, height: 0 }))
    vi.advanceTimersByTime(100)
    maya.scene.list = [rectangle('other')]
    maya.scene.change('other', { x: 1 })
    vi.advanceTimersByTime(100)
    expect([...maya.map.keys()]).toEqual(['other'])
  })

  it('is cut into updates that the server takes', () => {
    const maya = new Side()
    maya.scene.draw(...Array.from({ length: 1500 }, (_, at) => rectangle(`r${at}`, { index: `b${at}` })))
    vi.advanceTimersByTime(0)
    expect(maya.map.size).toBe(1500)
    expect(maya.sent.length).toBeGreaterThan(1)
    for (const update of maya.sent) expect(update.length).toBeLessThan(256 * 1024)
  })

  it('does not wait long behind something large', () => {
    const maya = new Side()
    maya.scene.draw(...Array.from({ length: 4000 }, (_, at) => rectangle(`r${at}`, { index: `b${at}` })))
    vi.advanceTimersByTime(0)
    expect(maya.map.size).toBe(4000)
    maya.scene.draw(rectangle('next', { index: 'c' }))
    vi.advanceTimersByTime(3100)
    expect(maya.map.has('next')).toBe(true)
  })

  it('goes when it is deleted, and stands there again after undo', () => {
    const [maya, kenji] = [new Side(), new Side()]
    maya.scene.draw(rectangle('r'))
    exchange(maya, kenji)
    maya.scene.change('r', { isDeleted: true })
    exchange(maya, kenji)
    expect(maya.map.size).toBe(0)
    expect(kenji.scene.find('r')?.isDeleted).toBe(true)
    maya.scene.change('r', { isDeleted: false })
    exchange(maya, kenji)
    expect(kenji.scene.find('r')?.isDeleted).toBe(false)
    expect(kenji.sent).toEqual([])
  })

  it('goes too when the editor takes it out of its list', () => {
    const [maya, kenji] = [new Side(), new Side()]
    maya.scene.draw(rectangle('r'), rectangle('s', { index: 'a2' }))
    exchange(maya, kenji)
    maya.scene.list = maya.scene.list.filter(({ id }) => id !== 'r')
    maya.scene.change('s', { x: 3 })
    exchange(maya, kenji)
    expect(kenji.scene.order()).toEqual(['s'])
  })

  it('does not go when the editor is emptied, as when it is torn down', () => {
    const maya = new Side()
    maya.scene.draw(rectangle('r'))
    maya.binding.flush()
    maya.scene.list = []
    maya.scene.show([])
    maya.binding.flush()
    maya.binding.end()
    expect(maya.map.size).toBe(1)
  })

  it('is all written when the board is left', () => {
    const maya = new Side()
    maya.scene.draw(rectangle('r'))
    maya.binding.end()
    expect(maya.map.size).toBe(1)
    maya.scene.draw(rectangle('late', { index: 'a2' }))
    vi.advanceTimersByTime(1000)
    expect(maya.map.size).toBe(1)
  })
})

describe('what others draw', () => {
  it('does not disturb what is in hand, and follows when that is let go', () => {
    const [maya, kenji] = [new Side(), new Side()]
    maya.scene.draw(rectangle('r'), rectangle('s', { index: 'a2' }))
    exchange(maya, kenji)
    const inHand = kenji.scene.find('r')
    kenji.scene.hold('r')
    maya.scene.change('r', { x: 70 })
    maya.scene.change('s', { x: 80 })
    exchange(maya, kenji)
    expect(kenji.scene.find('r')).toBe(inHand)
    expect(inHand?.x).toBe(0)
    expect(kenji.scene.find('s')?.x).toBe(80)
    kenji.scene.letGo()
    vi.advanceTimersByTime(100)
    expect(kenji.scene.find('r')?.x).toBe(70)
    expect(kenji.sent).toEqual([])
  })

  it('ends the same for both when they drag one element together', () => {
    const [maya, kenji] = [new Side(), new Side()]
    maya.scene.draw(rectangle('r'))
    exchange(maya, kenji)
    maya.scene.hold('r')
    kenji.scene.hold('r')
    for (let step = 1; step <= 20; step++) {
      maya.scene.change('r', { x: step })
      kenji.scene.change('r', { y: step })
      exchange(maya, kenji)
    }
    kenji.scene.letGo()
    maya.scene.change('r', { x: 99 })
    exchange(maya, kenji)
    maya.scene.letGo()
    exchange(maya, kenji)
    vi.advanceTimersByTime(100)
    expect(kenji.scene.find('r')?.x).toBe(99)
    expect(kenji.seen()).toEqual(maya.seen())
  })

  it('comes back to life under a hand that holds it while it is deleted', () => {
    const [maya, kenji] = [new Side(), new Side()]
    maya.scene.draw(rectangle('r'))
    exchange(maya, kenji)
    kenji.scene.hold('r')
    maya.scene.change('r', { isDeleted: true })
    exchange(maya, kenji)
    kenji.scene.change('r', { x: 9 })
    kenji.scene.letGo()
    exchange(maya, kenji)
    exchange(maya, kenji)
    expect(maya.scene.find('r')).toMatchObject({ x: 9, isDeleted: false })
    expect(kenji.seen()).toEqual(maya.seen())
  })

  it('is not shown when it cannot be drawn', () => {
    const maya = new Side()
    const doc = new Y.Doc()
    const map = doc.getMap('elements')
    map.set('text', 'not an element')
    map.set('line', { ...rectangle('line'), type: 'line' })
    map.set('wrong', rectangle('other'))
    map.set('nan', rectangle('nan', { x: Number.NaN }))
    map.set('good', rectangle('good'))
    maya.receive(Y.encodeStateAsUpdate(doc))
    maya.binding.flush()
    expect(maya.scene.order()).toEqual(['good'])
    expect(maya.sent).toEqual([])
  })

  it("never hands the document's own values to the editor", () => {
    const [maya, kenji] = [new Side(), new Side()]
    maya.scene.draw(rectangle('r'))
    exchange(maya, kenji)
    kenji.scene.change('r', { x: 50 })
    expect(kenji.map.get('r')).toMatchObject({ x: 0 })
  })
})

describe('the order of drawing', () => {
  it('is the same for all when two draw at once, and for who comes later', () => {
    const [maya, kenji] = [new Side(), new Side()]
    maya.scene.draw(rectangle('base', { index: 'a0' }))
    exchange(maya, kenji)
    maya.scene.draw(rectangle('m', { index: 'a1' }))
    kenji.scene.draw(rectangle('k', { index: 'a1' }))
    exchange(maya, kenji)
    exchange(maya, kenji)
    const between = maya.scene.find('m')?.index
    expect(between).not.toBe('a1')
    kenji.scene.draw(rectangle('top', { index: 'a1T' }))
    exchange(maya, kenji)
    exchange(maya, kenji)
    const late = new Side(maya.state)
    expect(maya.scene.order()).toEqual(['base', 'k', 'm', 'top'])
    expect(kenji.scene.order()).toEqual(maya.scene.order())
    expect(late.scene.order()).toEqual(maya.scene.order())
    expect(late.sent).toEqual([])
  })

  it('mends an index that stands twice without writing, so that nobody answers', () => {
    const [maya, kenji] = [new Side(), new Side()]
    maya.scene.draw(rectangle('m', { index: 'a1' }))
    kenji.scene.draw(rectangle('k', { index: 'a1' }))
    exchange(maya, kenji)
    const counts = [maya.sent.length, kenji.sent.length]
    for (let round = 0; round < 5; round++) {
      exchange(maya, kenji)
      vi.advanceTimersByTime(200)
    }
    expect([maya.sent.length, kenji.sent.length]).toEqual(counts)
  })

  it('keeps the object that is being drawn when its index is mended', () => {
    const [maya, kenji] = [new Side(), new Side()]
    kenji.scene.draw(rectangle('k', { index: 'a1' }))
    kenji.scene.hold('k')
    const drawn = kenji.scene.find('k')
    maya.scene.draw(rectangle('a', { index: 'a1' }))
    exchange(maya, kenji)
    maya.scene.draw(rectangle('b', { index: 'a2' }))
    exchange(maya, kenji)
    expect(kenji.scene.find('k')).toBe(drawn)
  })
})

describe('limits and rights', () => {
  it('takes off what is one element too many, and says so', () => {
    const maya = new Side()
    maya.limits = { elements: 2, elementBytes: 200 * 1024 }
    maya.scene.draw(rectangle('a'), rectangle('b', { index: 'a2' }), rectangle('c', { index: 'a3' }))
    vi.advanceTimersByTime(0)
    expect(maya.map.size).toBe(2)
    expect(maya.scene.order()).toEqual(['a', 'b'])
    expect(maya.refused).toEqual(['tooManyElements'])
    vi.advanceTimersByTime(500)
    expect(maya.refused).toHaveLength(1)
  })

  it('brings an element that grew too large back to what it was', () => {
    const maya = new Side()
    maya.limits = { elements: 10, elementBytes: 2000 }
    maya.scene.draw(
      rectangle('t', { type: 'text', text: 'hi', fontSize: 20, fontFamily: 5, lineHeight: 1.25 }),
    )
    maya.binding.flush()
    maya.scene.change('t', { text: '长'.repeat(3000) })
    maya.binding.flush()
    expect(maya.refused).toEqual(['elementTooLarge'])
    expect(maya.scene.find('t')?.text).toBe('hi')
    expect(maya.map.get('t')).toMatchObject({ text: 'hi' })
  })

  it('writes nothing for those who may not draw, and shows them what the document has', () => {
    const [maya, kenji] = [new Side(), new Side()]
    kenji.writes = false
    maya.scene.draw(rectangle('r'))
    exchange(maya, kenji)
    kenji.scene.change('r', { x: 44 })
    maya.scene.change('r', { y: 11 })
    exchange(maya, kenji)
    expect(kenji.sent).toEqual([])
    expect(kenji.scene.find('r')).toMatchObject({ x: 0, y: 11 })
  })
})

describe('apart for a while', () => {
  it('a stale tab of yesterday overwrites nothing', () => {
    const [stale, maya] = [new Side(), new Side()]
    maya.scene.draw(rectangle('r'), rectangle('s', { index: 'a2' }))
    exchange(stale, maya)
    for (let step = 0; step < 10; step++) {
      maya.scene.change('r', { x: step })
      maya.binding.flush()
    }
    maya.scene.change('s', { isDeleted: true })
    maya.scene.draw(rectangle('t', { index: 'a3' }))
    maya.binding.flush()
    stale.scene.letGo() // it draws what it had, as on waking
    vi.advanceTimersByTime(1000)
    expect(stale.sent).toEqual([])
    exchange(stale, maya)
    expect(stale.seen()).toEqual(maya.seen())
    expect(maya.scene.find('r')?.x).toBe(9)
  })

  it.each(Array.from({ length: 30 }, (_, at) => at + 1))(
    'converges from random edits on three sides, with no update once it is quiet (seed %i)',
    (seed) => {
      const random = seeded(seed)
      const sides = [new Side(), new Side(), new Side()]
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
      let count = 0
      for (let step = 0; step < 60; step++) {
        const side = pick(sides)
        const living = side.scene.list.filter(({ isDeleted }) => !isDeleted)
        const act = random()
        if (living.length === 0 || act < 0.3) {
          const top = living.at(-1)?.index ?? 'a'
          side.scene.draw(rectangle(`e${count++}`, { index: `${top}${pick(['5', 'V'])}` }))
        } else if (act < 0.7) side.scene.change(pick(living).id, { x: Math.round(random() * 500) })
        else if (act < 0.8) side.scene.change(pick(living).id, { isDeleted: true })
        else if (act < 0.9) side.scene.hold(pick(living).id)
        else side.scene.letGo()
        vi.advanceTimersByTime(random() * 60)
        if (random() < 0.3) exchange(...sides)
      }
      for (const side of sides) side.scene.letGo()
      for (let round = 0; round < 3; round++) exchange(...sides)
      const sent = sides.map((side) => side.sent.length)
      for (let round = 0; round < 3; round++) {
        exchange(...sides)
        vi.advanceTimersByTime(500)
      }
      expect(sides.map((side) => side.sent.length)).toEqual(sent)
      const late = new Side(sides[0]?.state)
      for (const side of sides) {
        expect(side.seen()).toEqual(late.seen())
        expect(side.scene.order()).toEqual(late.scene.order())
      }
    },
  )
})

it('the fake canvas mends as the editor does', () => {
  const scene = new FakeScene()
  scene.show([rectangle('a'), rectangle('b')])
  expect(scene.list.map(({ index }) => index)).toEqual(['a1', 'a1V'])
})
