import { describe, expect, it } from 'vitest'
import { NegotiationQueue } from './negotiation'

/** Negotiations that end when the test says so. */
function controlled() {
  const runs: { end(): void; fail(): void }[] = []
  let running = 0
  let most = 0
  const queue = new NegotiationQueue(() => {
    running += 1
    most = Math.max(most, running)
    return new Promise<void>((resolve, reject) => {
      runs.push({
        end: () => {
          running -= 1
          resolve()
        },
        fail: () => {
          running -= 1
          reject(new Error('refused'))
        },
      })
    })
  })
  return { queue, runs, most: () => most }
}

const settle = () => new Promise((resolve) => setTimeout(resolve))

describe('NegotiationQueue', () => {
  it('answers all requests that come meanwhile with one more run', async () => {
    const { queue, runs, most } = controlled()
    const first = queue.request()
    const others = [queue.request(), queue.request(), queue.request()]
    expect(runs).toHaveLength(1)
    runs[0]?.end()
    await first
    await settle()
    expect(runs).toHaveLength(2)
    runs[1]?.end()
    await Promise.all(others)
    await settle()
    expect(runs).toHaveLength(2)
    expect(most()).toBe(1)
  })

  it('a request during the second run begins a third', async () => {
    const { queue, runs, most } = controlled()
    void queue.request()
    void queue.request()
    runs[0]?.end()
    await settle()
    const third = queue.request()
    runs[1]?.end()
    await settle()
    expect(runs).toHaveLength(3)
    runs[2]?.end()
    await third
    expect(most()).toBe(1)
  })

  it('goes on after a failure, which only its own request sees', async () => {
    const { queue, runs } = controlled()
    const first = queue.request()
    const second = queue.request()
    const failed = expect(first).rejects.toThrow('refused')
    runs[0]?.fail()
    await failed
    await settle()
    runs[1]?.end()
    await expect(second).resolves.toBeUndefined()
  })
})
