import type { AudibleStream } from './audio'
import type { LocalMediaController } from './localMedia'
import type { OwnTracks } from './mediaSession'
import type { OwnMedia } from './project'
import { noPermissions, type RoomState } from './reduce'
import type { ScreenCapture } from './screenCapture'
import type { CallSnapshot, LocalMedia } from './state'
import type { Permissions } from './wire'

export function initialSnapshot(local: LocalMedia): CallSnapshot {
  return {
    call: { phase: 'idle' },
    meeting: null,
    self: null,
    permissions: noPermissions,
    participants: [],
    shares: [],
    lobby: [],
    hands: [],
    speakers: [],
    activeSpeakerId: null,
    reactions: [],
    local,
    notices: [],
    audioBlocked: false,
    serverOffsetMs: 0,
  }
}

/** What is sent: a microphone also while it is muted, so that unmuting is immediate; nothing that is not permitted. */
export function ownTracks(
  media: LocalMediaController,
  share: ScreenCapture | null,
  permissions: Permissions,
): OwnTracks {
  const { microphone, camera } = media.getSnapshot()
  return {
    microphone: permissions.publishMicrophone
      ? { track: media.microphoneTrack, muted: microphone.state !== 'on' }
      : null,
    camera: permissions.publishCamera ? { track: media.cameraTrack, muted: camera.state !== 'on' } : null,
    share: permissions.share ? share : null,
  }
}

/** What is shown to oneself. */
export function ownMedia(
  media: LocalMediaController,
  share: ScreenCapture | null,
  isCameraHeld: boolean,
): OwnMedia {
  const { microphone, cameraStream } = media.getSnapshot()
  return {
    microphoneMuted: microphone.state !== 'on',
    cameraStream,
    isCameraHeld,
    shareStream: share?.stream ?? null,
  }
}

/** Whether what can be sent is the same; levels and device lists are not. */
export function isSameTracks(a: LocalMedia, b: LocalMedia): boolean {
  return a.microphone === b.microphone && a.camera === b.camera && a.cameraStream === b.cameraStream
}

export function roleOfSelf(room: RoomState): string | undefined {
  return room.participants.find((participant) => participant.id === room.self)?.role
}

/** The sound of the others, by publication. */
export function audioOf(
  room: RoomState,
  streams: ReadonlyMap<string, MediaStream>,
): ReadonlyMap<string, AudibleStream> {
  const audio = new Map<string, AudibleStream>()
  for (const { id, kind, participantId } of room.publications) {
    const stream = streams.get(id)
    if (kind === 'audio' && participantId !== room.self && stream) audio.set(id, { participantId, stream })
  }
  return audio
}
