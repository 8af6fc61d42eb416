import type { RoomState } from './reduce'
import type { ParticipantView, PubView, RaisedHand, ShareView } from './state'
import type { Participant, Publication, Source } from './wire'

/** Own media as it is shown to oneself: what the microphone and camera do, and the pictures without the way round. */
export interface OwnMedia {
  microphoneMuted: boolean
  cameraStream: MediaStream | null
  /** It is not sent, to keep the sound whole. */
  isCameraHeld: boolean
  shareStream: MediaStream | null
}

export interface Projection {
  participants: ReadonlyArray<ParticipantView>
  shares: ReadonlyArray<ShareView>
  hands: ReadonlyArray<RaisedHand>
}

export const emptyProjection: Projection = { participants: [], shares: [], hands: [] }

/** Draws the room for views. Whatever did not change is taken over from the projection before. */
export function project(
  room: RoomState,
  streams: ReadonlyMap<string, MediaStream>,
  own: OwnMedia,
  before: Projection,
): Projection {
  const participants = shareList(
    before.participants,
    room.participants.map((participant) => participantView(room, participant, streams, own)),
  )
  const shares = shareList(before.shares, shareViews(room, streams, own))
  const hands = shareList(before.hands, raisedHands(room.participants))
  const same = participants === before.participants && shares === before.shares && hands === before.hands
  return same ? before : { participants, shares, hands }
}

function participantView(
  room: RoomState,
  participant: Participant,
  streams: ReadonlyMap<string, MediaStream>,
  own: OwnMedia,
): ParticipantView {
  const isSelf = participant.id === room.self
  const microphone = publicationOf(room, participant.id, 'microphone')
  const camera = publicationOf(room, participant.id, 'camera')
  return {
    ...participant,
    isSelf,
    microphone: microphone && pubView(room, microphone, isSelf ? null : (streams.get(microphone.id) ?? null)),
    camera:
      camera &&
      (isSelf ? ownCamera(room, camera, own) : pubView(room, camera, streams.get(camera.id) ?? null)),
    quality: room.quality.get(participant.id) ?? wellConnected,
    speaking:
      room.speakers.some((speaker) => speaker.participantId === participant.id) &&
      !(isSelf && own.microphoneMuted),
  }
}

const wellConnected = { level: 'good' } as const

function publicationOf(room: RoomState, participantId: string, source: Source): Publication | null {
  return room.publications.find((one) => one.participantId === participantId && one.source === source) ?? null
}

function pubView(room: RoomState, publication: Publication, stream: MediaStream | null): PubView {
  return {
    id: publication.id,
    muted: publication.muted,
    paused: room.paused.has(publication.id),
    undecodable: room.undecodable.has(publication.id),
    stream,
  }
}

function ownCamera(room: RoomState, camera: Publication, own: OwnMedia): PubView {
  return { ...pubView(room, camera, own.cameraStream), paused: own.isCameraHeld }
}

function shareViews(
  room: RoomState,
  streams: ReadonlyMap<string, MediaStream>,
  own: OwnMedia,
): ReadonlyArray<ShareView> {
  return room.publications
    .filter((publication) => publication.source === 'screen')
    .map((publication) => {
      const isSelf = publication.participantId === room.self
      return {
        id: publication.shareId ?? publication.id,
        participantId: publication.participantId,
        isSelf,
        video: pubView(room, publication, isSelf ? own.shareStream : (streams.get(publication.id) ?? null)),
        hint: publication.hint ?? 'text',
        hasAudio: hasShareAudio(room, publication),
      }
    })
}

function hasShareAudio(room: RoomState, screen: Publication): boolean {
  return room.publications.some(
    (one) =>
      one.source === 'screenAudio' &&
      one.participantId === screen.participantId &&
      one.shareId === screen.shareId,
  )
}

function raisedHands(participants: ReadonlyArray<Participant>): ReadonlyArray<RaisedHand> {
  return participants
    .filter((participant) => participant.handAt)
    .map((participant) => ({ participantId: participant.id, at: participant.handAt ?? 0 }))
    .sort((a, b) => a.at - b.at)
}

/** The list, with the items of the list before wherever they are equal; that list itself when all are. */
function shareList<T extends object>(before: ReadonlyArray<T>, next: ReadonlyArray<T>): ReadonlyArray<T> {
  const byId = new Map(before.map((item) => [identity(item), item]))
  const merged = next.map((item) => {
    const old = byId.get(identity(item))
    return old && isEqual(old, item) ? old : item
  })
  const same = merged.length === before.length && merged.every((item, at) => item === before[at])
  return same ? before : merged
}

function identity(item: object): unknown {
  if ('id' in item) return item.id
  return 'participantId' in item ? item.participantId : item
}

/** Equality of plain values; anything with a class of its own, such as a MediaStream, by reference. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (!isPlain(a) || !isPlain(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => isEqual(a[key], b[key]))
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
