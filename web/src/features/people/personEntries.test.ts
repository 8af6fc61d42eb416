import { describe, expect, test } from 'vitest'
import type { ParticipantView } from '@/core/meeting/state'
import type { ParticipantKind, Permissions } from '@/core/meeting/wire'
import type { PeopleCall } from './peopleCall'
import { personEntries } from './personEntries'

const permissions = { moderate: true, assignRoles: true, rename: true } as Permissions
const muted = { id: 'p', muted: true, paused: false, undecodable: false, stream: null }

function person(kind: ParticipantKind, media: Partial<ParticipantView> = {}): ParticipantView {
  return {
    id: 'x',
    kind,
    name: 'X',
    role: 'participant',
    joinedAt: 0,
    connection: 'connected',
    isSelf: false,
    microphone: null,
    camera: null,
    quality: { level: 'good' },
    speaking: false,
    ...media,
  }
}

function keys(one: ParticipantView): string[] {
  const nothing = () => {}
  return personEntries({
    person: one,
    permissions,
    sharing: false,
    pinned: false,
    spotlit: false,
    call: {} as PeopleCall,
    onPin: nothing,
    onRename: nothing,
    onAsk: nothing,
    t: ((key: string) => key) as never,
  }).map((entry) => entry.key)
}

describe('what a host may do', () => {
  test('with a person', () => {
    expect(keys(person(''))).toEqual([
      'pin',
      'spotlight',
      'ask',
      'askCamera',
      'rolesLine',
      'cohost',
      'transfer',
      'removeLine',
      'remove',
    ])
  })
  test('with a stream: it is muted and unmuted, never host', () => {
    expect(keys(person('ingest', { camera: muted }))).toEqual([
      'pin',
      'spotlight',
      'askCamera',
      'removeLine',
      'remove',
    ])
  })
  test('with a program that only shows the meeting', () => {
    expect(keys(person('viewer'))).toEqual(['remove'])
  })
})
