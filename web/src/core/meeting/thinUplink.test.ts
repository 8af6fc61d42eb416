import { describe, expect, it } from 'vitest'
import { type CameraLimit, ThinUplink, type UplinkSample } from './thinUplink'

const soundBitsPerSecond = 72_000
/** Headers of pictures, and reports on what is received. */
const otherBitsPerSecond = 15_000
/** What a browser sends of a camera that it thinks is small enough. */
const leastCamera = 120_000
const sampleMs = 1_000

/** An uplink with a queue of 300 ms that loses what does not fit, and a browser that never sends less than it likes. */
class Link {
  readonly limits: CameraLimit[] = []
  readonly losses: number[] = []
  #queuedBits = 0
  #nowMs = 0
  #limit: CameraLimit = null

  readonly #uplink = new ThinUplink()
  bitsPerSecond: number

  constructor(bitsPerSecond: number) {
    this.bitsPerSecond = bitsPerSecond
  }

  /** One that was well and became thin. */
  static thinned(bitsPerSecond: number): Link {
    const link = new Link(5_000_000).run(4)
    link.bitsPerSecond = bitsPerSecond
    return link
  }

  run(seconds: number): this {
    for (let at = 0; at < seconds * 1000; at += sampleMs) {
      this.#nowMs += sampleMs
      this.#limit = this.#uplink.next(this.#pass(), this.#nowMs)
      this.limits.push(this.#limit)
    }
    return this
  }

  #pass(): UplinkSample {
    const sent = soundBitsPerSecond + otherBitsPerSecond + (this.#limit ?? leastCamera)
    const over = Math.max(
      0,
      this.#queuedBits + ((sent - this.bitsPerSecond) * sampleMs) / 1000 - 0.3 * this.bitsPerSecond,
    )
    const lost = over / ((sent * sampleMs) / 1000)
    this.#queuedBits = Math.max(0, this.#queuedBits + ((sent - this.bitsPerSecond) * sampleMs) / 1000 - over)
    this.losses.push(lost)
    const queueMs = (1000 * this.#queuedBits) / this.bitsPerSecond
    return {
      soundLoss: lost,
      roundTripMs: 20 + queueMs,
      carriedBitsPerSecond: sent * (1 - lost),
      availableBitsPerSecond: null,
    }
  }
}

const mean = (all: ReadonlyArray<number>) => all.reduce((sum, one) => sum + one, 0) / all.length

describe('ThinUplink', () => {
  it('bounds the camera while speech is lost, and not more often than it must', () => {
    const link = Link.thinned(150_000).run(60)
    expect(link.limits).toContain(30_000)
    expect(link.limits.slice(6)).not.toContain(null)
    expect(link.limits).not.toContain(0)
    expect(mean(link.losses.slice(8))).toBeLessThan(0.01)
  })

  it('bounds the camera where the link was full from the start', () => {
    const link = new Link(130_000).run(60)
    expect(mean(link.losses.slice(8))).toBeLessThan(0.05)
  })

  it('lets the camera go when the link is well again', () => {
    const link = Link.thinned(150_000).run(61)
    link.bitsPerSecond = 5_000_000
    const before = link.limits.length
    link.run(20)
    expect(link.limits.slice(before)).toContain(70_000)
    expect(link.limits.at(-1)).toBeNull()
    expect(link.limits.slice(before).indexOf(null)).toBeLessThanOrEqual(14)
  })

  it('tries all of it ever more seldom where that is too much', () => {
    const link = Link.thinned(175_000).run(240)
    const opened = (from: number, to: number) =>
      link.limits.slice(from, to).filter((limit, at, all) => limit === null && all[at - 1] !== null).length
    expect(opened(0, 60)).toBeGreaterThan(opened(180, 240))
    expect(opened(180, 240)).toBeLessThanOrEqual(2)
  })

  it('stops the camera where nothing but speech fits', () => {
    const link = Link.thinned(90_000).run(120)
    expect(link.limits.filter((limit) => limit === 0).length).toBeGreaterThan(50)
    expect(mean(link.losses.slice(10))).toBeLessThan(0.1)
  })

  const sample = (more: Partial<UplinkSample>): UplinkSample => ({
    soundLoss: 0,
    roundTripMs: 20,
    carriedBitsPerSecond: 150_000,
    availableBitsPerSecond: null,
    ...more,
  })
  const after = (last: UplinkSample) => {
    const uplink = new ThinUplink()
    uplink.next(sample({}), 0)
    let limit: CameraLimit = null
    for (let at = 1; at < 10; at++) limit = uplink.next(last, at * sampleMs)
    return limit
  }

  it('lets the camera be again where the way is longer and loses, whatever is sent', () => {
    const uplink = new ThinUplink()
    uplink.next(sample({}), 0)
    const limits = Array.from({ length: 60 }, (_, at) =>
      uplink.next(sample({ soundLoss: 0.15, roundTripMs: 170 }), (at + 1) * sampleMs),
    )
    expect(limits[0]).not.toBeNull()
    expect(limits.slice(20).every((limit) => limit === null)).toBe(true)
  })

  it.each([
    ['loss without a queue', { soundLoss: 0.15 }],
    ['a queue without loss', { roundTripMs: 900 }],
    [
      'a link that browsers come to rest on',
      { soundLoss: 0.2, roundTripMs: 900, carriedBitsPerSecond: 800_000 },
    ],
    [
      'a browser that believes in more',
      { soundLoss: 0.2, roundTripMs: 320, availableBitsPerSecond: 250_000 },
    ],
    ['silence', { soundLoss: null, roundTripMs: 900 }],
    ['a browser that tells no round trip', { soundLoss: 0.15, roundTripMs: null }],
  ])('lets the camera be with %s', (_, last) => {
    expect(after(sample(last))).toBeNull()
  })
})
