import type {
  ContentHint,
  EndReason,
  Meeting,
  Participant,
  Permissions,
  QualityLevel,
  Source,
  Waiting,
} from './wire'

/** The life of a call, from nothing to its end. */
export type CallPhase =
  | { phase: 'idle' }
  | { phase: 'connecting' }
  | { phase: 'waiting'; title: string }
  | { phase: 'joined' }
  /** Still in the meeting; media and state are kept. */
  | { phase: 'reconnecting'; since: number }
  | { phase: 'ended'; reason: EndReason | 'network' | 'error'; code?: string; joinedMs: number }

/** A publication as it can be shown: the stream is set once its track has arrived. */
export interface PubView {
  id: string
  muted: boolean
  /** The server pauses this video because bandwidth is short. */
  paused: boolean
  /** This browser cannot decode the video, and it is not sent in another codec. */
  undecodable: boolean
  stream: MediaStream | null
}

export interface ConnectionQuality {
  level: QualityLevel
  /** Why it is not good, see `quality` in PROTOCOL.md. */
  reason?: string
}

export interface ParticipantView extends Participant {
  isSelf: boolean
  microphone: PubView | null
  camera: PubView | null
  quality: ConnectionQuality
  speaking: boolean
}

export interface ShareView {
  id: string
  participantId: string
  isSelf: boolean
  video: PubView
  hint: ContentHint
  hasAudio: boolean
}

export type DeviceFailure =
  | 'denied'
  | 'deniedBySystem'
  | 'notFound'
  | 'inUse'
  | 'overconstrained'
  | 'insecure'
  | 'unknown'

export type DeviceState =
  | { state: 'off' }
  | { state: 'starting' }
  | { state: 'on' }
  | { state: 'muted' }
  | { state: 'failed'; why: DeviceFailure }

export interface LocalMedia {
  microphone: DeviceState
  camera: DeviceState
  devices: {
    microphones: ReadonlyArray<MediaDeviceInfo>
    cameras: ReadonlyArray<MediaDeviceInfo>
    speakers: ReadonlyArray<MediaDeviceInfo>
  }
  selected: { microphoneId?: string; cameraId?: string; speakerId?: string }
  cameraStream: MediaStream | null
  /** The camera looks at the person who holds the device, so that a preview is shown mirrored. */
  mirrored: boolean
  /** Own microphone, 0 to 1, about ten times a second while it is on. */
  level: number
  speakingWhileMuted: boolean
  sharing: ShareView | null
  canSelectSpeaker: boolean
  canShare: boolean
}

export type CallNoticeKind =
  | 'weakConnection'
  | 'mutedByHost'
  | 'cameraStoppedByHost'
  | 'shareStoppedByHost'
  | 'askedToUnmute'
  | 'askedToStartCamera'
  | 'speakingWhileMuted'
  | 'deviceLost'
  | 'deviceNew'
  | 'youAreHost'
  | 'error'

/** A message to oneself. */
export interface CallNotice {
  key: string
  kind: CallNoticeKind
  /** Participant id of who did it. */
  by?: string
  /** For errors a stable code, for weakConnection the reason. */
  code?: string
  source?: Source
  /** For deviceLost and deviceNew: the device's name and id. */
  device?: { id: string; label: string; kind: MediaDeviceKind }
}

export interface LiveReaction {
  key: number
  participantId: string
  emoji: string
  at: number
}

export interface SpeakerLevel {
  participantId: string
  level: number
}

export interface RaisedHand {
  participantId: string
  at: number
}

export interface CallSnapshot {
  call: CallPhase
  meeting: Meeting | null
  /** Own participant id. */
  self: string | null
  permissions: Permissions
  /** In order of joining, self included. */
  participants: ReadonlyArray<ParticipantView>
  /** Live screen shares, own included. */
  shares: ReadonlyArray<ShareView>
  lobby: ReadonlyArray<Waiting>
  /** In the order in which they were raised. */
  hands: ReadonlyArray<RaisedHand>
  speakers: ReadonlyArray<SpeakerLevel>
  /** Who speaks, held long enough not to flicker. */
  activeSpeakerId: string | null
  /** Live for five seconds. */
  reactions: ReadonlyArray<LiveReaction>
  local: LocalMedia
  notices: ReadonlyArray<CallNotice>
  /** The browser refused to play sound before a gesture; call resumeAudio() in a click. */
  audioBlocked: boolean
  /** Server clock minus own clock, in milliseconds. */
  serverOffsetMs: number
}

export interface ViewTile {
  publicationId: string
  /** Device pixels: CSS pixels times devicePixelRatio. */
  width: number
  height: number
  pinned?: boolean
}

export interface ShareOptions {
  hint?: ContentHint | 'auto'
  audio?: boolean
}

export type SettingsChange = Partial<
  Pick<Meeting, 'lobby' | 'locked' | 'guestsAllowed' | 'whoMayShare' | 'whoMayDraw' | 'chatAllowed'>
>

/** One video or audio stream as the connection popover shows it. */
export interface StreamStats {
  publicationId: string
  participantId: string | null
  source: Source
  direction: 'up' | 'down'
  codec: string
  bitsPerSecond: number
  width: number
  height: number
  framesPerSecond: number
  /** 0 to 1 */
  loss: number
  jitterMs: number
}

export interface CallStats {
  /** Null while unknown. */
  roundTripMs: number | null
  uplinkLoss: number
  downlinkLoss: number
  upBitsPerSecond: number
  downBitsPerSecond: number
  /** Estimate of what can be sent; null where the browser does not tell. */
  availableUpBitsPerSecond: number | null
  /** udp, tcp or relay */
  transport: string
  streams: ReadonlyArray<StreamStats>
}
