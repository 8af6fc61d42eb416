import type { News } from './socket'
import type { ConnectionQuality } from './state'
import type { Joined, Meeting, Participant, Permissions, Publication, Speaker, Waiting } from './wire'

/** What the server has told of the meeting. */
export interface RoomState {
  meeting: Meeting | null
  self: string | null
  permissions: Permissions
  participants: ReadonlyArray<Participant>
  publications: ReadonlyArray<Publication>
  lobby: ReadonlyArray<Waiting>
  speakers: ReadonlyArray<Speaker>
  /** By participant; who is not named is well connected. */
  quality: ReadonlyMap<string, ConnectionQuality>
  /** Publications whose video the server holds back for us. */
  paused: ReadonlySet<string>
  /** Videos in a codec that this browser cannot decode, and that their publishers do not send in another one. */
  undecodable: ReadonlySet<string>
}

export const noPermissions: Permissions = {
  publishMicrophone: false,
  publishCamera: false,
  share: false,
  draw: false,
  chat: false,
  rename: false,
  admit: false,
  moderate: false,
  changeSettings: false,
  assignRoles: false,
  end: false,
}

export const emptyRoom: RoomState = {
  meeting: null,
  self: null,
  permissions: noPermissions,
  participants: [],
  publications: [],
  lobby: [],
  speakers: [],
  quality: new Map(),
  paused: new Set(),
  undecodable: new Set(),
}

/** The room after a message; the same object when the message changes nothing of it. */
export function reduce(room: RoomState, news: News): RoomState {
  switch (news.type) {
    case 'joined':
      return joined(room, news)
    case 'participantJoined':
    case 'participantUpdated':
      return { ...room, participants: byJoining(put(room.participants, news.participant)) }
    case 'participantLeft':
      return participantLeft(room, news.participantId)
    case 'publicationAdded':
    case 'publicationUpdated':
      return { ...room, publications: put(room.publications, news.publication) }
    case 'publicationRemoved':
      return publicationRemoved(room, news.publicationId)
    case 'meetingUpdated':
      return { ...room, meeting: news.meeting }
    case 'permissionsUpdated':
      return { ...room, permissions: news.permissions }
    case 'lobbyUpdated':
      return { ...room, lobby: news.waiting }
    case 'speakers':
      return { ...room, speakers: news.speakers }
    case 'quality':
      return quality(room, news.participantId, {
        level: news.level,
        ...(news.reason ? { reason: news.reason } : {}),
      })
    case 'streamState':
      return streamState(
        room,
        news.publicationId,
        news.paused,
        news.reason === 'codec' ? 'undecodable' : 'paused',
      )
    case 'subscribeOffer':
    case 'candidate':
    case 'reaction':
    case 'muted':
    case 'askedToUnmute':
    case 'unwantedLayers':
    case 'secondEncoding':
    case 'error':
      return room
    default:
      return unknownNews(news, room)
  }
}

/** A newer server may tell what we do not know; it is no concern of ours. */
function unknownNews(_news: never, room: RoomState): RoomState {
  return room
}

function joined(room: RoomState, news: Joined): RoomState {
  const publications = new Set(news.publications.map((publication) => publication.id))
  const participants = new Set(news.participants.map((participant) => participant.id))
  return {
    meeting: news.meeting,
    self: news.self,
    permissions: news.permissions,
    participants: byJoining(news.participants),
    publications: news.publications,
    lobby: news.waiting,
    speakers: room.speakers.filter((speaker) => participants.has(speaker.participantId)),
    // Whose connection is not good is told again after this.
    quality: new Map(),
    paused: new Set([...room.paused].filter((id) => publications.has(id))),
    undecodable: new Set([...room.undecodable].filter((id) => publications.has(id))),
  }
}

function participantLeft(room: RoomState, id: string): RoomState {
  const quality = new Map(room.quality)
  quality.delete(id)
  return {
    ...room,
    participants: room.participants.filter((participant) => participant.id !== id),
    publications: room.publications.filter((publication) => publication.participantId !== id),
    speakers: room.speakers.filter((speaker) => speaker.participantId !== id),
    quality,
  }
}

function publicationRemoved(room: RoomState, id: string): RoomState {
  return {
    ...streamState(streamState(room, id, false, 'paused'), id, false, 'undecodable'),
    publications: room.publications.filter((publication) => publication.id !== id),
  }
}

function quality(room: RoomState, id: string, next: ConnectionQuality): RoomState {
  const quality = new Map(room.quality)
  if (next.level === 'good') quality.delete(id)
  else quality.set(id, next)
  return { ...room, quality }
}

function streamState(
  room: RoomState,
  id: string,
  isPaused: boolean,
  why: 'paused' | 'undecodable',
): RoomState {
  if (room[why].has(id) === isPaused) return room
  const ids = new Set(room[why])
  if (isPaused) ids.add(id)
  else ids.delete(id)
  return { ...room, [why]: ids }
}

function put<T extends { id: string }>(list: ReadonlyArray<T>, item: T): ReadonlyArray<T> {
  const at = list.findIndex((other) => other.id === item.id)
  return at < 0 ? [...list, item] : list.with(at, item)
}

/** In order of joining; whoever joined in the same millisecond stands by id, so that everybody sees one order. */
function byJoining(participants: ReadonlyArray<Participant>): ReadonlyArray<Participant> {
  return participants.toSorted((a, b) => a.joinedAt - b.joinedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
