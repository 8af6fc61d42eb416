import type { Scope } from '../scope'
import { noticeDuration, noticeKey, stoppedKind, withNotice, withoutNotices } from './notices'
import type { CallNotice, ConnectionQuality, LocalMedia } from './state'
import type { Source } from './wire'

/** The messages to oneself that stand now. */
export class NoticeBoard {
  readonly #scope: Scope
  readonly #onChange: (notices: ReadonlyArray<CallNotice>) => void
  #notices: ReadonlyArray<CallNotice> = []
  /** Why the connection is not good; who has been told so, and has put it away, is not told again. */
  #weakness: string | null = null

  constructor(scope: Scope, onChange: (notices: ReadonlyArray<CallNotice>) => void) {
    this.#scope = scope
    this.#onChange = onChange
  }

  add(notice: Omit<CallNotice, 'key'>): void {
    if (this.#scope.ended) return
    if (notice.kind === 'deviceNew') this.#foundAgain(notice)
    const keyed = { key: noticeKey(notice), ...notice }
    this.#set(withNotice(this.#notices, keyed))
    const shownMs = noticeDuration(notice.kind)
    if (shownMs !== null) this.#scope.timeout(() => this.drop((one) => one === keyed), shownMs)
  }

  drop(isOver: (notice: CallNotice) => boolean): void {
    this.#set(withoutNotices(this.#notices, isOver))
  }

  error(code: string, source?: Source): void {
    this.add({ kind: 'error', code, ...(source ? { source } : {}) })
  }

  /** A host muted or stopped something of ours; who it was is not known when we were away. */
  stopped(source: Source, by: string | undefined): void {
    this.add({ kind: stoppedKind(source), source, ...(by ? { by } : {}) })
  }

  asked(source: Source, by: string): void {
    this.add({ kind: source === 'camera' ? 'askedToStartCamera' : 'askedToUnmute', by, source })
  }

  quality({ level, reason = '' }: ConnectionQuality): void {
    const weakness = level === 'good' ? null : reason
    if (weakness === this.#weakness) return
    this.#weakness = weakness
    if (weakness === null) this.drop((notice) => notice.kind === 'weakConnection')
    else this.add({ kind: 'weakConnection', code: weakness })
  }

  /** Notices about a device that is on again have done their work; somebody who speaks while muted is told. */
  devices(before: LocalMedia, now: LocalMedia): void {
    this.drop(
      ({ kind }) =>
        (now.microphone.state === 'on' && (kind === 'mutedByHost' || kind === 'askedToUnmute')) ||
        (now.camera.state === 'on' && (kind === 'cameraStoppedByHost' || kind === 'askedToStartCamera')),
    )
    if (now.speakingWhileMuted === before.speakingWhileMuted) return
    if (now.speakingWhileMuted) this.add({ kind: 'speakingWhileMuted', source: 'microphone' })
    else this.drop((notice) => notice.kind === 'speakingWhileMuted')
  }

  /** What is back is not missing any more; both at once would hide the newer message on a phone. */
  #foundAgain({ device }: Omit<CallNotice, 'key'>): void {
    this.drop((one) => one.kind === 'deviceLost' && one.device?.kind === device?.kind)
  }

  #set(notices: ReadonlyArray<CallNotice>): void {
    if (notices === this.#notices) return
    this.#notices = notices
    this.#onChange(notices)
  }
}
