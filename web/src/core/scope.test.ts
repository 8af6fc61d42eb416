import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Scope } from './scope'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('Scope', () => {
  it('ends everything, the last first, and only once', () => {
    const scope = new Scope()
    const ended: string[] = []
    scope.add(() => ended.push('first'))
    scope.add(() => ended.push('second'))
    scope.end()
    scope.end()
    expect(ended).toEqual(['second', 'first'])
  })

  it('runs no timer and hears no event after its end', () => {
    const scope = new Scope()
    const run = vi.fn()
    const target = new EventTarget()
    scope.timeout(run, 10)
    scope.interval(run, 10)
    scope.listen(target, 'ring', run)
    scope.end()
    scope.timeout(run, 10)
    vi.advanceTimersByTime(100)
    target.dispatchEvent(new Event('ring'))
    expect(run).not.toHaveBeenCalled()
  })

  it('ends at once what comes too late', () => {
    const scope = new Scope()
    scope.end()
    const end = vi.fn()
    scope.add(end)
    expect(end).toHaveBeenCalledOnce()
  })

  it('ends its children, and forgets those that ended before', () => {
    const scope = new Scope()
    const end = vi.fn()
    const child = scope.child()
    child.add(end)
    child.end()
    scope.child().add(end)
    scope.end()
    expect(end).toHaveBeenCalledTimes(2)
  })
})
