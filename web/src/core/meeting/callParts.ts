import type { LocalMediaController } from './localMedia'
import type { OwnTracks } from './mediaSession'
import type { OwnMedia } from './project'
import { noPermissions } from './reduce'
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
export function ownMedia(media: LocalMediaController, share: ScreenCapture | null): OwnMedia {
  const { microphone, cameraStream } = media.getSnapshot()
  return { microphoneMuted: microphone.state !== 'on', cameraStream, shareStream: share?.stream ?? null }
}
