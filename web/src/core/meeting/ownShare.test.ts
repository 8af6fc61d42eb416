import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeStream, FakeTrack } from '../testing/fakeMedia'
import { OwnShare } from './ownShare'

let share: OwnShare
let seen: string[]
let pick: () => Promise<FakeStream>
let video: FakeTrack

beforeEach(() => {
  video = new FakeTrack('video', 'screen')
  pick = () => Promise.resolve(new FakeStream([video]))
  Object.defineProperty(navigator, 'mediaDevices', {
    value: { getDisplayMedia: () => pick() },
    configurable: true,
  })
  seen = []
  share = new OwnShare({
    onChange: () => seen.push(share.capture ? share.capture.hint : 'over'),
    onFailed: (code) => seen.push(code),
  })
})

afterEach(() => {
  share.close()
  vi.unstubAllGlobals()
})

describe('OwnShare', () => {
  it('begins as text and changes by hand', async () => {
    await share.start({})
    share.setHint('motion')
    share.setHint('motion')
    expect(seen).toEqual(['text', 'motion'])
  })

  it('ends with the browser’s own stop button', async () => {
    await share.start({ hint: 'motion' })
    video.unplug()
    expect(seen).toEqual(['motion', 'over'])
    expect(share.capture).toBeNull()
  })

  it('stops its tracks', async () => {
    await share.start({})
    share.stop()
    expect(video.readyState).toBe('ended')
  })

  it.each([
    ['NotAllowedError', 'Permission denied by user', []],
    ['NotAllowedError', 'Permission denied by system', ['shareDenied']],
    ['NotReadableError', '', ['shareFailed']],
  ])('%s "%s" tells %j', async (name, message, expected) => {
    pick = () => Promise.reject(new DOMException(message, name))
    await share.start({})
    expect(seen).toEqual(expected)
  })

  it('opens one picker at a time, and keeps nothing that comes after the end', async () => {
    let give = (_: FakeStream) => {}
    pick = () =>
      new Promise((resolve) => {
        give = resolve
      })
    const first = share.start({})
    await share.start({})
    share.close()
    give(new FakeStream([video]))
    await first
    expect(seen).toEqual([])
    expect(video.readyState).toBe('ended')
  })

  it('says when the browser cannot share', async () => {
    Object.defineProperty(navigator, 'mediaDevices', { value: {}, configurable: true })
    await share.start({})
    expect(seen).toEqual(['shareUnsupported'])
  })
})
