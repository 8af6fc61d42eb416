import type { Scope } from '../scope'
import { noticeDuration, noticeKey, withNotice, withoutNotices } from './notices'
import type { CallNotice } from './state'

/** The messages to oneself that stand now. */
export class NoticeBoard {
  readonly #scope: Scope
  readonly #onChange: (notices: ReadonlyArray<CallNotice>) => void
  #notices: ReadonlyArray<CallNotice> = []

  constructor(scope: Scope, onChange: (notices: ReadonlyArray<CallNotice>) => void) {
    this.#scope = scope
    this.#onChange = onChange
  }

  add(notice: Omit<CallNotice, 'key'>): void {
    if (this.#scope.ended) return
    const keyed = { key: noticeKey(notice), ...notice }
    this.#set(withNotice(this.#notices, keyed))
    const shownMs = noticeDuration(notice.kind)
    if (shownMs !== null) this.#scope.timeout(() => this.drop((one) => one === keyed), shownMs)
  }

  drop(isOver: (notice: CallNotice) => boolean): void {
    this.#set(withoutNotices(this.#notices, isOver))
  }

  #set(notices: ReadonlyArray<CallNotice>): void {
    if (notices === this.#notices) return
    this.#notices = notices
    this.#onChange(notices)
  }
}
