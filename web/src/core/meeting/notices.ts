import type { CallNotice, CallNoticeKind } from './state'
import type { Source } from './wire'

/** How long a notice stays by itself; what asks for an act or tells of a lasting state stays until that changes. */
const shownMs: Record<CallNoticeKind, number | null> = {
  weakConnection: null,
  speakingWhileMuted: null,
  askedToUnmute: 30_000,
  askedToStartCamera: 30_000,
  mutedByHost: 10_000,
  cameraStoppedByHost: 10_000,
  shareStoppedByHost: 10_000,
  deviceLost: 10_000,
  deviceNew: 10_000,
  youAreHost: 10_000,
  error: 10_000,
}

export function noticeDuration(kind: CallNoticeKind): number | null {
  return shownMs[kind]
}

/** One notice of a kind is enough, but errors and devices differ among themselves. */
export function noticeKey(notice: Omit<CallNotice, 'key'>): string {
  switch (notice.kind) {
    case 'error':
      return `error:${notice.code ?? ''}`
    case 'deviceLost':
    case 'deviceNew':
      return `${notice.kind}:${notice.device?.id || notice.device?.label || ''}`
    default:
      return notice.kind
  }
}

/** The notice stands last, in the place of an earlier one of its key. */
export function withNotice(
  notices: ReadonlyArray<CallNotice>,
  notice: CallNotice,
): ReadonlyArray<CallNotice> {
  return [...notices.filter((one) => one.key !== notice.key), notice]
}

export function withoutNotices(
  notices: ReadonlyArray<CallNotice>,
  isOver: (notice: CallNotice) => boolean,
): ReadonlyArray<CallNotice> {
  const left = notices.filter((notice) => !isOver(notice))
  return left.length === notices.length ? notices : left
}

/** What a host's muting of a source is to the one who is muted. */
export function stoppedKind(source: Source): CallNoticeKind {
  switch (source) {
    case 'microphone':
      return 'mutedByHost'
    case 'camera':
      return 'cameraStoppedByHost'
    case 'screen':
    case 'screenAudio':
      return 'shareStoppedByHost'
  }
}
