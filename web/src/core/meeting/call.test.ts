import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeMediaDevices, FakeStream } from '../testing/fakeMedia'
import { FakePeerConnection } from '../testing/fakePeerConnection'
import { FakeWebSocket } from '../testing/fakeWebSocket'
import { Call } from './call'
import { LocalMediaController } from './localMedia'
import { readResume } from './resumeToken'
import type { Joined, Participant, Permissions, Welcome } from './wire'

const permissions: Permissions = {
  publishMicrophone: true,
  publishCamera: true,
  share: true,
  draw: true,
  chat: true,
  rename: true,
  admit: false,
  moderate: false,
  changeSettings: false,
  assignRoles: false,
  end: false,
}

const me: Participant = { id: 'me', name: 'Me', role: 'participant', joinedAt: 2, connection: 'connected' }
const lin: Participant = { id: 'lin', name: 'Lin', role: 'host', joinedAt: 1, connection: 'connected' }

const joined: Joined & { type: 'joined' } = {
  type: 'joined',
  self: 'me',
  meeting: {
    id: 'm',
    code: 'abc-defg-hij',
    title: 'Standup',
    conversationId: 'c',
    startedAt: 1,
    lobby: false,
    locked: false,
    guestsAllowed: true,
    whoMayShare: 'everyone',
    whoMayDraw: 'everyone',
    boards: [],
    chatAllowed: true,
  },
  participants: [lin, me],
  publications: [],
  waiting: [],
  permissions,
}

let media: LocalMediaController
let call: Call

const settle = (ms = 10) => vi.advanceTimersByTimeAsync(ms)
const phase = () => call.getSnapshot().call.phase
const kinds = () => call.getSnapshot().notices.map((notice) => notice.kind)
const receive = (message: object) => FakeWebSocket.last.receive(message)

function welcome(more: Partial<Welcome> = {}): void {
  FakeWebSocket.last.open()
  receive({
    type: 'welcome',
    version: 1,
    participantId: 'me',
    resumeToken: 'token',
    resumed: false,
    waiting: false,
    title: 'Standup',
    iceServers: [],
    pingSeconds: 5,
    resumeSeconds: 30,
    serverTime: Date.now() + 60_000,
    ...more,
  })
}

/** Answers the offers that have no answer yet, as a server that takes everything. */
async function answerPublish(): Promise<void> {
  await settle()
  for (const offer of FakeWebSocket.last.sentOf('publish')) {
    const tracks = offer.tracks as { mid: string; source: string }[]
    receive({
      type: 'published',
      id: offer.id,
      sdp: 'v=0\r\n',
      publications: tracks.map(({ mid, source }) => ({ mid, publicationId: `my-${source}` })),
    })
  }
  await settle()
}

async function join(): Promise<void> {
  await media.start({ microphone: true, camera: true })
  call.join()
  welcome()
  receive(joined)
  await answerPublish()
  await answerPublish()
}

beforeEach(() => {
  vi.useFakeTimers()
  const devices = new FakeMediaDevices()
  devices.add('audioinput', 'mic-1')
  devices.add('videoinput', 'cam-1')
  Object.defineProperty(navigator, 'mediaDevices', { value: devices, configurable: true })
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal('MediaStream', FakeStream)
  vi.stubGlobal('WebSocket', FakeWebSocket)
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection)
  vi.stubGlobal('RTCRtpReceiver', {})
  FakeWebSocket.all.length = 0
  FakePeerConnection.last = null
  sessionStorage.clear()
  localStorage.clear()
  media = new LocalMediaController()
  call = new Call({ code: 'abc-defg-hij', locale: 'en', media, url: 'http://parley.test' })
})

afterEach(() => {
  call.dispose()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('entering', () => {
  it('goes from idle over connecting to joined, and publishes what is on', async () => {
    expect(phase()).toBe('idle')
    await join()
    expect(phase()).toBe('joined')
    expect(FakeWebSocket.all[0]?.url).toBe('ws://parley.test/api/v1/meetings/by-code/abc-defg-hij/signal')
    expect(FakeWebSocket.last.sentOf('publish').at(-1)?.tracks).toMatchObject([
      { source: 'microphone' },
      { source: 'camera' },
    ])
    expect(call.getSnapshot().participants.map((one) => one.id)).toEqual(['lin', 'me'])
    expect(call.getSnapshot().serverOffsetMs).toBe(60_000)
  })

  it('waits in the lobby without publishing or telling a view, and keeps the token that ends the wait', async () => {
    await media.start({ microphone: true, camera: true })
    call.join()
    welcome({ waiting: true })
    call.setView([{ publicationId: 'x', width: 1, height: 1 }])
    await settle(300)
    expect(call.getSnapshot().call).toEqual({ phase: 'waiting', title: 'Standup' })
    expect(FakeWebSocket.last.sent.map((message) => message.type)).toEqual(['hello'])
    receive({ ...joined, resumeToken: 'admitted' })
    await settle()
    expect(readResume('abc-defg-hij')?.token).toBe('admitted')
    expect(FakeWebSocket.last.sentOf('view')).toHaveLength(1)
  })

  it('publishes nothing that is not permitted, and more once it is', async () => {
    await media.start({ microphone: true, camera: true })
    call.join()
    welcome()
    receive({ ...joined, permissions: { ...permissions, publishCamera: false } })
    await answerPublish()
    receive({ type: 'permissionsUpdated', permissions })
    await answerPublish()
    const offers = FakeWebSocket.last.sentOf('publish').map((offer) => (offer.tracks as unknown[]).length)
    expect(offers).toEqual([1, 2])
  })

  it('ends with the code when it is refused, and lets go of the devices', async () => {
    await media.start({ microphone: true, camera: true })
    call.join()
    FakeWebSocket.last.open()
    receive({ type: 'error', id: 1, code: 'meetingLocked', message: '' })
    expect(call.getSnapshot().call).toEqual({
      phase: 'ended',
      reason: 'error',
      code: 'meetingLocked',
      joinedMs: 0,
    })
    expect(media.getSnapshot().camera).toEqual({ state: 'off' })
  })
})

describe('a lost connection', () => {
  it('keeps people, media and phase over a resume', async () => {
    await join()
    const connection = FakePeerConnection.last
    const { participants } = call.getSnapshot()
    FakeWebSocket.last.drop()
    expect(phase()).toBe('reconnecting')
    expect(call.getSnapshot().participants).toBe(participants)
    await settle()
    welcome({ resumed: true })
    receive({
      ...joined,
      publications: [
        { id: 'my-microphone', participantId: 'me', source: 'microphone', kind: 'audio', muted: false },
        { id: 'my-camera', participantId: 'me', source: 'camera', kind: 'video', muted: false },
      ],
    })
    await answerPublish()
    expect(phase()).toBe('joined')
    expect(FakePeerConnection.last).toBe(connection)
    expect(call.getSnapshot().participants[0]).toBe(participants[0])
  })

  it('begins anew when the server has forgotten us', async () => {
    await join()
    const connection = FakePeerConnection.last
    FakeWebSocket.last.drop()
    await settle()
    welcome({ resumed: false, participantId: 'me-2' })
    receive({ ...joined, self: 'me-2', participants: [lin, { ...me, id: 'me-2' }] })
    await answerPublish()
    expect(FakePeerConnection.last).not.toBe(connection)
    expect(connection?.connectionState).toBe('closed')
    expect(FakeWebSocket.last.sentOf('publish').length).toBeGreaterThan(0)
    expect(call.getSnapshot().self).toBe('me-2')
  })

  it('says the view again', async () => {
    await join()
    call.setView([{ publicationId: 'x', width: 10, height: 10 }])
    FakeWebSocket.last.drop()
    await settle(300)
    welcome({ resumed: true })
    receive(joined)
    await settle(300)
    expect(FakeWebSocket.last.sentOf('view')).toHaveLength(1)
  })

  it('leaves in the tab what a reload needs, and nothing after leaving', async () => {
    await join()
    expect(readResume('abc-defg-hij')).toMatchObject({ token: 'token', microphone: true, camera: true })
    call.leave()
    expect(readResume('abc-defg-hij')).toBeNull()
    expect(call.getSnapshot().call).toMatchObject({ phase: 'ended', reason: 'left' })
  })

  it('says what is wrong with the own connection, once, until it is well again', async () => {
    await join()
    const quality = (participantId: string, level: string, reason?: string) =>
      receive({ type: 'quality', participantId, level, ...(reason ? { reason } : {}) })
    const codes = () =>
      call
        .getSnapshot()
        .notices.filter(({ kind }) => kind === 'weakConnection')
        .map(({ code }) => code)
    quality('lin', 'bad', 'uplinkLoss')
    expect(codes()).toEqual([])
    quality('me', 'weak', 'uplinkLoss')
    expect(codes()).toEqual(['uplinkLoss'])
    call.dismissNotice('weakConnection')
    quality('me', 'bad', 'uplinkLoss')
    expect(codes()).toEqual([])
    quality('me', 'bad', 'cpu')
    expect(codes()).toEqual(['cpu'])
    quality('me', 'good')
    expect(codes()).toEqual([])
    quality('me', 'weak', 'cpu')
    receive(joined)
    expect(codes()).toEqual([])
  })
})

describe('a host', () => {
  it('mutes the microphone, with a notice that goes when it is on again', async () => {
    await join()
    receive({ type: 'muted', byId: 'lin', source: 'microphone' })
    expect(media.getSnapshot().microphone).toEqual({ state: 'muted' })
    expect(call.getSnapshot().notices).toMatchObject([{ kind: 'mutedByHost', by: 'lin' }])
    await settle()
    expect(FakeWebSocket.last.sentOf('setMuted')).toEqual([])
    call.setMicrophone(true)
    await settle()
    expect(FakeWebSocket.last.sentOf('setMuted')).toMatchObject([
      { publicationId: 'my-microphone', muted: false },
    ])
    expect(kinds()).toEqual([])
  })

  it('stops the camera', async () => {
    await join()
    receive({ type: 'muted', byId: 'lin', source: 'camera' })
    expect(media.cameraTrack).toBeNull()
    expect(kinds()).toEqual(['cameraStoppedByHost'])
  })

  it('asks to unmute, which unmutes nothing', async () => {
    await join()
    call.setMicrophone(false)
    receive({ type: 'askedToUnmute', byId: 'lin', source: 'microphone' })
    await settle()
    expect(kinds()).toEqual(['askedToUnmute'])
    expect(media.getSnapshot().microphone).toEqual({ state: 'muted' })
  })

  it('is told when he is one', async () => {
    await join()
    receive({ type: 'participantUpdated', participant: { ...me, role: 'host' } })
    receive({ type: 'participantUpdated', participant: { ...me, role: 'host', handAt: 3 } })
    expect(kinds()).toEqual(['youAreHost'])
  })

  it.each([
    ['removed', { phase: 'ended', reason: 'removed' }],
    ['ended', { phase: 'ended', reason: 'ended' }],
  ] as const)('ends it: %s', async (reason, expected) => {
    await join()
    receive({ type: 'closing', reason, reconnect: false })
    expect(call.getSnapshot().call).toMatchObject(expected)
    expect(FakePeerConnection.last?.connectionState).toBe('closed')
  })
})

describe('what passes', () => {
  it('a reaction floats for five seconds', async () => {
    await join()
    receive({ type: 'reaction', participantId: 'lin', emoji: '👍' })
    expect(call.getSnapshot().reactions).toMatchObject([{ participantId: 'lin', emoji: '👍' }])
    await settle(5_100)
    expect(call.getSnapshot().reactions).toEqual([])
  })

  it('a refused command is told and goes by itself', async () => {
    await join()
    call.muteAll()
    receive({
      type: 'error',
      id: FakeWebSocket.last.sentOf('muteAll')[0]?.id,
      code: 'notAllowed',
      message: '',
    })
    await settle()
    expect(call.getSnapshot().notices).toMatchObject([{ kind: 'error', code: 'notAllowed' }])
    await settle(10_100)
    expect(kinds()).toEqual([])
  })

  it('levels of speakers leave the list of people as it is', async () => {
    await join()
    receive({ type: 'speakers', speakers: [{ participantId: 'lin', level: 0.3 }] })
    const { participants } = call.getSnapshot()
    receive({ type: 'speakers', speakers: [{ participantId: 'lin', level: 0.8 }] })
    expect(call.getSnapshot().participants).toBe(participants)
    expect(call.getSnapshot().speakers).toEqual([{ participantId: 'lin', level: 0.8 }])
    expect(call.getSnapshot().activeSpeakerId).toBe('lin')
  })
})
