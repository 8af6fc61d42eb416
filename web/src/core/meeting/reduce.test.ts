import { describe, expect, it } from 'vitest'
import { emptyRoom, noPermissions, type RoomState, reduce } from './reduce'
import type { News } from './socket'
import type { Meeting, Participant, Publication } from './wire'

const meeting: Meeting = {
  id: 'm',
  code: 'abc-defg-hij',
  title: 'Standup',
  conversationId: 'c',
  startedAt: 1,
  lobby: true,
  locked: false,
  guestsAllowed: true,
  whoMayShare: 'everyone',
  whoMayDraw: 'everyone',
  boards: [],
  chatAllowed: true,
}

function person(id: string, joinedAt: number, more: Partial<Participant> = {}): Participant {
  return { id, name: id, role: 'participant', joinedAt, connection: 'connected', ...more }
}

function publication(id: string, participantId: string, more: Partial<Publication> = {}): Publication {
  return { id, participantId, source: 'camera', kind: 'video', muted: false, ...more }
}

const room: RoomState = {
  ...emptyRoom,
  meeting,
  self: 'a',
  participants: [person('a', 1), person('b', 2)],
  publications: [publication('a-cam', 'a'), publication('b-cam', 'b')],
  speakers: [{ participantId: 'b', level: 0.5 }],
  quality: new Map([['b', { level: 'weak', reason: 'roundTrip' }]]),
  paused: new Set(['b-cam']),
}

const cases: [name: string, news: News, expected: Partial<RoomState>][] = [
  [
    'participantJoined stands by its time of joining',
    { type: 'participantJoined', participant: person('c', 1.5) },
    { participants: [person('a', 1), person('c', 1.5), person('b', 2)] },
  ],
  [
    'participantUpdated replaces',
    { type: 'participantUpdated', participant: person('b', 2, { handAt: 9, connection: 'reconnecting' }) },
    { participants: [person('a', 1), person('b', 2, { handAt: 9, connection: 'reconnecting' })] },
  ],
  [
    'participantLeft takes everything of its own along',
    { type: 'participantLeft', participantId: 'b', reason: 'leave' },
    {
      participants: [person('a', 1)],
      publications: [publication('a-cam', 'a')],
      speakers: [],
      quality: new Map(),
    },
  ],
  [
    'publicationAdded',
    {
      type: 'publicationAdded',
      publication: publication('b-mic', 'b', { source: 'microphone', kind: 'audio' }),
    },
    {
      publications: [
        ...room.publications,
        publication('b-mic', 'b', { source: 'microphone', kind: 'audio' }),
      ],
    },
  ],
  [
    'publicationUpdated',
    { type: 'publicationUpdated', publication: publication('b-cam', 'b', { muted: true }) },
    { publications: [publication('a-cam', 'a'), publication('b-cam', 'b', { muted: true })] },
  ],
  [
    'publicationRemoved forgets the pause too',
    { type: 'publicationRemoved', publicationId: 'b-cam' },
    { publications: [publication('a-cam', 'a')], paused: new Set() },
  ],
  [
    'meetingUpdated',
    { type: 'meetingUpdated', meeting: { ...meeting, locked: true } },
    { meeting: { ...meeting, locked: true } },
  ],
  [
    'permissionsUpdated',
    { type: 'permissionsUpdated', permissions: { ...noPermissions, end: true } },
    { permissions: { ...noPermissions, end: true } },
  ],
  [
    'lobbyUpdated',
    { type: 'lobbyUpdated', waiting: [{ id: 'w', name: 'W', guest: true, since: 1 }] },
    { lobby: [{ id: 'w', name: 'W', guest: true, since: 1 }] },
  ],
  ['speakers', { type: 'speakers', speakers: [] }, { speakers: [] }],
  [
    'quality good is the rule and kept for nobody',
    { type: 'quality', participantId: 'b', level: 'good' },
    { quality: new Map() },
  ],
  [
    'quality bad',
    { type: 'quality', participantId: 'a', level: 'bad', reason: 'uplinkLoss' },
    {
      quality: new Map([
        ['b', { level: 'weak', reason: 'roundTrip' }],
        ['a', { level: 'bad', reason: 'uplinkLoss' }],
      ]),
    },
  ],
  [
    'streamState resumes',
    { type: 'streamState', publicationId: 'b-cam', paused: false },
    { paused: new Set() },
  ],
  [
    'joined replaces all, and what is still there keeps its state',
    {
      type: 'joined',
      meeting,
      self: 'a',
      participants: [person('b', 2), person('a', 1)],
      publications: [publication('b-cam', 'b')],
      waiting: [],
      permissions: noPermissions,
    },
    {
      participants: [person('a', 1), person('b', 2)],
      publications: [publication('b-cam', 'b')],
      quality: new Map(),
    },
  ],
]

describe('reduce', () => {
  it.each(cases)('%s', (_, news, expected) => {
    expect(reduce(room, news)).toEqual({ ...room, ...expected })
  })

  it.each<News>([
    { type: 'candidate', target: 'publish', candidate: '' },
    { type: 'subscribeOffer', sdp: '', offer: 1, tracks: [] },
    { type: 'reaction', participantId: 'b', emoji: '👍' },
    { type: 'muted', byId: 'b', source: 'microphone' },
    { type: 'askedToUnmute', byId: 'b', source: 'microphone' },
    { type: 'error', code: 'badMessage', message: '' },
    { type: 'streamState', publicationId: 'b-cam', paused: true },
  ])('$type leaves the room as it is', (news) => {
    expect(reduce(room, news)).toBe(room)
  })

  it('leaves alone what a newer server tells', () => {
    expect(reduce(room, { type: 'poll' } as unknown as News)).toBe(room)
  })

  it('never changes the room it was given', () => {
    const before = structuredClone(room)
    for (const [, news] of cases) reduce(room, news)
    expect(room).toEqual(before)
  })
})
