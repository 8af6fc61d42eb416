import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeTrack } from '../testing/fakeMedia'
import { FakePeerConnection } from '../testing/fakePeerConnection'
import { Publisher, type PublisherEvents, type PublishLink, type SourceWish } from './publisher'
import { SignalError } from './requests'
import type { Publication, Publish, Published } from './wire'

/** The server's side: it numbers publications by section and source, and can be made to wait, fail or refuse. */
class FakeLink implements PublishLink {
  readonly offers: Publish[] = []
  readonly mutes: [id: string, muted: boolean][] = []
  refuse: Record<string, string> = {}
  failure: string | null = null
  gate: Promise<void> = Promise.resolve()
  under = 0

  async publish(offer: Publish): Promise<Published> {
    this.under += 1
    if (this.under > 1) throw new Error('two offers at once')
    this.offers.push(offer)
    await this.gate
    this.under -= 1
    if (this.failure) throw new SignalError(this.failure, '')
    const accepted = offer.tracks.filter((track) => !this.refuse[track.source])
    const refused = offer.tracks.filter((track) => this.refuse[track.source])
    return {
      sdp: `answer to ${offer.sdp}`,
      publications: accepted.map((track) => ({
        mid: track.mid,
        publicationId: `${track.source}-${track.shareId ?? ''}`,
      })),
      refused: refused.map((track) => ({ mid: track.mid, code: this.refuse[track.source] ?? '' })),
    }
  }

  setMuted(id: string, muted: boolean): Promise<void> {
    this.mutes.push([id, muted])
    return Promise.resolve()
  }

  setHint() {}
  sendCandidate() {}
}

let link: FakeLink
let events: string[]
let publisher: Publisher

const audio = () => new FakeTrack('audio', 'mic') as unknown as MediaStreamTrack
const sized = (width: number, height: number) =>
  Object.assign(new FakeTrack('video', 'cam'), { size: { width, height } }) as unknown as MediaStreamTrack
const video = () => new FakeTrack('video', 'cam') as unknown as MediaStreamTrack
const on = (track: MediaStreamTrack, more: Partial<SourceWish> = {}): SourceWish => ({
  track,
  muted: false,
  ...more,
})
const settle = () => vi.advanceTimersByTimeAsync(10)

function connection(): FakePeerConnection {
  if (!FakePeerConnection.last) throw new Error('no connection')
  return FakePeerConnection.last
}

function known(id: string, muted: boolean): Publication {
  return { id, participantId: 'me', source: 'microphone', kind: 'audio', muted }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection)
  vi.stubGlobal('RTCRtpReceiver', {})
  link = new FakeLink()
  events = []
  const handlers: PublisherEvents = {
    onRefused: (source, code) => events.push(`refused ${source} ${code}`),
    onRemoved: (source) => events.push(`removed ${source}`),
    onMutedMeanwhile: (source) => events.push(`muted ${source}`),
    onGap: () => events.push('gap'),
    onError: (code) => events.push(`error ${code}`),
  }
  publisher = new Publisher([], { camera: 'VP8', share: 'VP8' }, link, handlers)
})

afterEach(() => {
  publisher.close()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('negotiation', () => {
  it('takes everything that begins together into one offer', async () => {
    publisher.set('microphone', on(audio()))
    publisher.set('camera', on(video()))
    await settle()
    expect(link.offers.length).toBeLessThanOrEqual(2)
    expect(link.offers.at(-1)?.tracks.map((track) => [track.mid, track.source])).toEqual([
      ['0', 'microphone'],
      ['1', 'camera'],
    ])
    expect(publisher.publicationId('camera')).toBe('camera-')
  })

  it('never has two offers under way', async () => {
    let open = () => {}
    link.gate = new Promise((resolve) => {
      open = resolve
    })
    publisher.set('microphone', on(audio()))
    await settle()
    publisher.set('camera', on(video()))
    publisher.set('screen', on(video(), { shareId: 's', hint: 'text' }))
    publisher.restartIce()
    await settle()
    expect(link.offers).toHaveLength(1)
    open()
    await settle()
    expect(link.offers).toHaveLength(2)
    expect(link.offers[1]?.tracks.map((track) => track.source)).toEqual(['microphone', 'camera', 'screen'])
    expect(events).toEqual([])
  })

  it('rolls back an offer that the server does not take', async () => {
    link.failure = 'sdpInvalid'
    publisher.set('microphone', on(audio()))
    await settle()
    expect(connection().signalingState).toBe('stable')
    expect(events).toEqual(['error sdpInvalid'])
  })

  it('says again after a resume what was lost on the way', async () => {
    link.failure = 'unavailable'
    publisher.set('microphone', on(audio()))
    await settle()
    expect(events).toEqual([])
    link.failure = null
    publisher.resumed([])
    await settle()
    expect(publisher.publicationId('microphone')).toBe('microphone-')
    expect(connection().restarts).toBe(1)
  })

  it('tells which track was refused', async () => {
    link.refuse = { screen: 'shareLimit' }
    publisher.set('screen', on(video(), { shareId: 's', hint: 'text' }))
    await settle()
    expect(events).toEqual(['refused screen shareLimit'])
  })
})

describe('sources', () => {
  it('a camera that is off keeps its publication, without negotiation', async () => {
    publisher.set('camera', on(video()))
    await settle()
    const before = link.offers.length
    publisher.set('camera', { track: null, muted: true })
    await settle()
    const other = video()
    publisher.set('camera', on(other))
    await settle()
    expect(link.offers).toHaveLength(before)
    expect(connection().transceivers[0]?.sender.replaced).toEqual([null, other])
    expect(link.mutes).toEqual([
      ['camera-', true],
      ['camera-', false],
    ])
  })

  it('another device is a replaced track and nothing else', async () => {
    publisher.set('microphone', on(audio()))
    await settle()
    publisher.set('microphone', on(audio()))
    await settle()
    expect(link.offers).toHaveLength(1)
    expect(link.mutes).toEqual([])
  })

  it('a second share takes the transceiver of the first, as another publication', async () => {
    publisher.set('screen', on(video(), { shareId: 'one', hint: 'text' }))
    await settle()
    publisher.set('screen', null)
    await settle()
    expect(link.offers.at(-1)?.tracks).toEqual([])
    expect(connection().transceivers[0]?.direction).toBe('inactive')
    publisher.set('screen', on(video(), { shareId: 'two', hint: 'motion' }))
    await settle()
    expect(connection().transceivers).toHaveLength(1)
    expect(connection().transceivers[0]?.direction).toBe('sendonly')
    expect(publisher.publicationId('screen')).toBe('screen-two')
  })

  it('text stays sharp, motion stays smooth', async () => {
    const track = video()
    publisher.set('screen', on(track, { shareId: 's', hint: 'text' }))
    await settle()
    const sender = connection().transceivers[0]?.sender
    expect(sender?.parameters).toMatchObject({
      degradationPreference: 'maintain-resolution',
      encodings: [{ maxFramerate: 15 }],
    })
    publisher.set('screen', on(track, { shareId: 's', hint: 'motion' }))
    await settle()
    expect(sender?.parameters.encodings[0]).toMatchObject({ maxFramerate: 30 })
    expect(track.contentHint).toBe('motion')
  })

  it('stops the layers that nobody uses and begins them again, also with another camera', async () => {
    publisher.set('camera', on(sized(1280, 720)))
    await settle()
    const sender = connection().transceivers[0]?.sender
    const active = () => sender?.parameters.encodings.map((encoding) => encoding.active)
    publisher.unwanted({ publicationId: 'camera-', rids: ['h', 'f'] })
    await settle()
    expect(active()).toEqual([true, false, false])
    publisher.set('camera', on(sized(640, 360)))
    await settle()
    expect(active()).toEqual([true, false, false])
    publisher.unwanted({ publicationId: 'camera-', rids: ['q', 'f'] })
    await settle()
    expect(active()).toEqual([false, true, false])
    publisher.unwanted({ publicationId: 'camera-', rids: [] })
    publisher.set('camera', on(sized(1280, 720)))
    await settle()
    expect(active()).toEqual([true, true, true])
  })

  it('sends the smallest size alone within a limit, and all of them again without', async () => {
    publisher.set('camera', on(sized(1280, 720)))
    await settle()
    const encodings = () =>
      connection().transceivers[0]?.sender.parameters.encodings.map((one) => [
        one.active !== false,
        one.maxBitrate,
        one.maxFramerate,
      ])
    const free = encodings()
    publisher.limit(40_000)
    await settle()
    expect(encodings()).toEqual([
      [true, 40_000, 7],
      [false, 40_000, 7],
      [false, 40_000, 7],
    ])
    publisher.unwanted({ publicationId: 'camera-', rids: ['q'] })
    await settle()
    expect(encodings()?.[0]?.[0]).toBe(true)
    publisher.limit(0)
    await settle()
    expect(encodings()?.map(([active]) => active)).toEqual([false, false, false])
    publisher.unwanted({ publicationId: 'camera-', rids: [] })
    publisher.limit(null)
    await settle()
    expect(encodings()).toEqual(free)
  })

  it('sends fewer pictures of a share beside a limited camera, as large as before', async () => {
    publisher.set('screen', on(video(), { shareId: 's', hint: 'text' }))
    await settle()
    const encoding = () => connection().transceivers[0]?.sender.parameters.encodings[0]
    const free = { ...encoding() }
    publisher.limit(40_000)
    await settle()
    expect(encoding()).toEqual({ ...free, maxFramerate: 5 })
    publisher.limit(null)
    await settle()
    expect(encoding()).toEqual(free)
  })

  it('stops a share that nobody watches, and never the next one with it', async () => {
    publisher.set('screen', on(video(), { shareId: 'one', hint: 'text' }))
    await settle()
    const sender = connection().transceivers[0]?.sender
    publisher.unwanted({ publicationId: 'screen-one', rids: [''] })
    await settle()
    expect(sender?.parameters.encodings[0]?.active).toBe(false)
    publisher.set('screen', null)
    publisher.set('screen', on(video(), { shareId: 'two', hint: 'text' }))
    await settle()
    expect(sender?.parameters.encodings[0]?.active).toBe(true)
  })

  it('publishes the camera in three sizes, the smallest first', async () => {
    publisher.set('camera', on(video()))
    await settle()
    const encodings = connection().transceivers[0]?.sender.parameters.encodings
    expect(encodings?.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy])).toEqual([
      ['q', 4],
      ['h', 2],
      ['f', 1],
    ])
  })

  it('sends the full size of a small camera with the encodings that browsers keep', async () => {
    const sizes = () =>
      connection().transceivers[0]?.sender.parameters.encodings.map((one) =>
        one.active === false ? null : one.scaleResolutionDownBy,
      )
    publisher.set('camera', on(sized(640, 480)))
    await settle()
    expect(sizes()).toEqual([2, 1, null])
    publisher.set('camera', on(sized(320, 180)))
    await settle()
    expect(sizes()).toEqual([1, null, null])
    publisher.set('camera', on(sized(720, 1280)))
    await settle()
    expect(sizes()).toEqual([4, 2, 1])
  })
})

describe('muting', () => {
  it('tells only the last of quick changes', async () => {
    const track = audio()
    publisher.set('microphone', on(track))
    await settle()
    for (const muted of [true, false, true]) publisher.set('microphone', { track, muted })
    await settle()
    expect(link.mutes).toEqual([['microphone-', true]])
  })

  it('says it again when it was said too often', async () => {
    const track = audio()
    publisher.set('microphone', on(track))
    await settle()
    link.setMuted = () => Promise.reject(new SignalError('rateLimited', ''))
    publisher.set('microphone', { track, muted: true })
    await settle()
    link.setMuted = FakeLink.prototype.setMuted
    await vi.advanceTimersByTimeAsync(1_000)
    expect(link.mutes).toEqual([['microphone-', true]])
    expect(events).toEqual([])
  })

  it('obeys a host who muted us while we were away', async () => {
    publisher.set('microphone', on(audio()))
    await settle()
    publisher.resumed([known('microphone-', true)])
    await settle()
    expect(events).toEqual(['muted microphone'])
    expect(link.mutes).toEqual([])
  })

  it('says again after a resume that we are muted', async () => {
    const track = audio()
    publisher.set('microphone', on(track))
    await settle()
    link.setMuted = () => Promise.reject(new SignalError('unavailable', ''))
    publisher.set('microphone', { track, muted: true })
    await settle()
    link.setMuted = FakeLink.prototype.setMuted
    publisher.resumed([known('microphone-', false)])
    await settle()
    expect(link.mutes).toEqual([['microphone-', true]])
  })

  it('does not undo what a host just did', async () => {
    const track = audio()
    publisher.set('microphone', on(track))
    await settle()
    publisher.mutedByServer('microphone')
    publisher.set('microphone', { track, muted: true })
    await settle()
    expect(link.mutes).toEqual([])
    publisher.set('microphone', on(track))
    await settle()
    expect(link.mutes).toEqual([['microphone-', false]])
  })
})

describe('a second encoding', () => {
  const senders = () =>
    connection().transceivers.map(({ direction, sender }) => [direction, sender.track !== null])
  const tracks = () => link.offers.at(-1)?.tracks.map(({ mid, secondOf }) => [mid, secondOf])

  beforeEach(() => {
    vi.stubGlobal('RTCRtpSender', {
      getCapabilities: () => ({ codecs: [{ mimeType: 'video/VP8' }, { mimeType: 'video/VP9' }] }),
    })
  })

  it('is sent while somebody needs it, in a codec that the browser encodes', async () => {
    publisher.set('camera', on(sized(1280, 720)))
    await settle()
    publisher.secondWanted({ publicationId: 'camera-', codecs: ['H264', 'VP8'] })
    await settle()
    expect(tracks()).toEqual([
      ['0', undefined],
      ['1', '0'],
    ])
    expect(senders()).toEqual([
      ['sendonly', true],
      ['sendonly', true],
    ])
    publisher.secondWanted({ publicationId: 'camera-', codecs: [] })
    await settle()
    expect(tracks()).toEqual([['0', undefined]])
    expect(senders()[1]).toEqual(['inactive', false])
    publisher.secondWanted({ publicationId: 'camera-', codecs: ['VP8'] })
    await settle()
    expect(connection().transceivers).toHaveLength(2)
    expect(senders()[1]).toEqual(['sendonly', true])
  })

  it('is not sent in a codec that the browser cannot encode', async () => {
    publisher.set('camera', on(video()))
    await settle()
    publisher.secondWanted({ publicationId: 'camera-', codecs: ['H264'] })
    await settle()
    expect(tracks()).toEqual([['0', undefined]])
  })

  it('begins with the camera, and ends with it', async () => {
    const camera = video()
    publisher.set('camera', on(camera))
    await settle()
    publisher.set('camera', { track: null, muted: true })
    publisher.secondWanted({ publicationId: 'camera-', codecs: ['VP8'] })
    await settle()
    expect(tracks()).toEqual([['0', undefined]])
    publisher.set('camera', on(camera))
    await settle()
    expect(tracks()).toEqual([
      ['0', undefined],
      ['1', '0'],
    ])
    publisher.set('camera', null)
    await settle()
    expect(tracks()).toEqual([])
    expect(senders()[1]?.[0]).toBe('inactive')
  })

  it('leaves out what nobody watches, apart from the first', async () => {
    publisher.set('camera', on(sized(1280, 720)))
    await settle()
    publisher.secondWanted({ publicationId: 'camera-', codecs: ['VP8'] })
    publisher.unwanted({ publicationId: 'camera-', rids: ['h', 'f'], second: true })
    await settle()
    const active = connection().transceivers.map(({ sender }) =>
      sender.parameters.encodings.map((encoding) => encoding.active),
    )
    expect(active).toEqual([
      [true, true, true],
      [true, false, false],
    ])
  })
})

describe('the path', () => {
  it('is restarted after two seconds of a gap, not before, and again until it holds', async () => {
    publisher.set('microphone', on(audio()))
    await settle()
    connection().become('disconnected')
    expect(events).toEqual(['gap'])
    await vi.advanceTimersByTimeAsync(1_900)
    expect(connection().restarts).toBe(0)
    await vi.advanceTimersByTimeAsync(200)
    expect(connection().restarts).toBe(1)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(connection().restarts).toBe(2)
    connection().become('connected')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(connection().restarts).toBe(2)
  })

  it('is restarted at once when it failed', async () => {
    publisher.set('microphone', on(audio()))
    await settle()
    connection().become('failed')
    await settle()
    expect(connection().restarts).toBe(1)
  })
})
