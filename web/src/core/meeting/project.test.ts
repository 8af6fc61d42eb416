import { describe, expect, it } from 'vitest'
import { emptyProjection, type OwnMedia, project } from './project'
import { emptyRoom, type RoomState, reduce } from './reduce'

const own: OwnMedia = { microphoneMuted: false, cameraStream: null, isCameraHeld: false, shareStream: null }
const streams = new Map<string, MediaStream>()

const room: RoomState = {
  ...emptyRoom,
  self: 'a',
  participants: [
    { id: 'a', name: 'A', role: 'host', joinedAt: 1, connection: 'connected', handAt: 7 },
    { id: 'b', name: 'B', role: 'participant', joinedAt: 2, connection: 'connected', handAt: 5 },
  ],
  publications: [
    { id: 'b-mic', participantId: 'b', source: 'microphone', kind: 'audio', muted: true },
    {
      id: 'b-screen',
      participantId: 'b',
      source: 'screen',
      kind: 'video',
      muted: false,
      shareId: 's',
      hint: 'motion',
    },
    { id: 'b-sound', participantId: 'b', source: 'screenAudio', kind: 'audio', muted: false, shareId: 's' },
  ],
}

describe('project', () => {
  it('draws people, shares and hands in their orders', () => {
    const drawn = project(room, streams, own, emptyProjection)
    expect(drawn.participants.map(({ id, isSelf }) => [id, isSelf])).toEqual([
      ['a', true],
      ['b', false],
    ])
    expect(drawn.participants[1]?.microphone).toEqual({
      id: 'b-mic',
      muted: true,
      paused: false,
      undecodable: false,
      stream: null,
    })
    expect(drawn.shares).toEqual([
      {
        id: 's',
        participantId: 'b',
        isSelf: false,
        hint: 'motion',
        hasAudio: true,
        video: { id: 'b-screen', muted: false, paused: false, undecodable: false, stream: null },
      },
    ])
    expect(drawn.hands.map((hand) => hand.participantId)).toEqual(['b', 'a'])
  })

  it('is the same object when nothing that is drawn has changed', () => {
    const drawn = project(room, streams, own, emptyProjection)
    const louder = reduce(room, { type: 'speakers', speakers: [] })
    expect(project(louder, streams, own, drawn)).toBe(drawn)
    expect(project({ ...room, participants: structuredClone(room.participants) }, streams, own, drawn)).toBe(
      drawn,
    )
  })

  it('keeps those who did not change', () => {
    const drawn = project(room, streams, own, emptyProjection)
    const speaking = reduce(room, { type: 'speakers', speakers: [{ participantId: 'b', level: 0.4 }] })
    const next = project(speaking, streams, own, drawn)
    expect(next.participants[0]).toBe(drawn.participants[0])
    expect(next.participants[1]?.speaking).toBe(true)
    expect(next.shares).toBe(drawn.shares)
    const louder = reduce(speaking, { type: 'speakers', speakers: [{ participantId: 'b', level: 0.9 }] })
    expect(project(louder, streams, own, next)).toBe(next)
  })

  it('says that the own camera is paused when it is held back', () => {
    const camera = {
      id: 'a-cam',
      participantId: 'a',
      source: 'camera',
      kind: 'video',
      muted: true,
    } as const
    const withCamera = { ...room, publications: [...room.publications, camera] }
    const drawn = (isCameraHeld: boolean) =>
      project(withCamera, streams, { ...own, isCameraHeld }, emptyProjection).participants[0]?.camera?.paused
    expect(drawn(true)).toBe(true)
    expect(drawn(false)).toBe(false)
  })

  it('never lets a muted microphone of oneself speak', () => {
    const speaking = reduce(room, { type: 'speakers', speakers: [{ participantId: 'a', level: 0.4 }] })
    const drawn = project(speaking, streams, { ...own, microphoneMuted: true }, emptyProjection)
    expect(drawn.participants[0]?.speaking).toBe(false)
  })
})
