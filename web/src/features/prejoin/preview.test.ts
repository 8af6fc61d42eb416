import { describe, expect, it } from 'vitest'
import { type MeetingPreview, standingOf } from './preview'

const base: MeetingPreview = {
  code: 'abc-defg-hij',
  title: 'Weekly product review',
  host: { name: 'Maya Chen' },
  status: 'running',
  cancelled: false,
  startsAt: null,
  startedAt: null,
  participantCount: 3,
  participants: [],
  guestsAllowed: true,
  lobby: false,
  signedIn: true,
  needsName: false,
  canStart: true,
  recorded: false,
}

describe('standingOf', () => {
  it.each([
    ['a running meeting', {}, { kind: 'open', act: 'join' }],
    ['a running meeting with a lobby', { lobby: true }, { kind: 'open', act: 'ask' }],
    ['nobody there, may begin', { status: 'scheduled' }, { kind: 'open', act: 'start' }],
    ['nobody there, may not begin', { status: 'scheduled', canStart: false }, { kind: 'open', act: 'wait' }],
    ['over', { status: 'ended', canStart: false }, { kind: 'closed', why: 'ended' }],
    ['over, but may begin again', { status: 'ended' }, { kind: 'open', act: 'start' }],
    ['cancelled', { status: 'scheduled', cancelled: true }, { kind: 'closed', why: 'cancelled' }],
    [
      'a guest where none are let in',
      { signedIn: false, guestsAllowed: false },
      { kind: 'closed', why: 'membersOnly' },
    ],
  ] as const)('%s', (_, change, expected) => {
    expect(standingOf({ ...base, ...change })).toEqual(expected)
  })
})
