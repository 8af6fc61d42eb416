import { applyCamera, applyHint, applyUnwanted, type Unwanted } from './encodings'
import type { SourceWish } from './publisher'
import type { CameraLimit } from './thinUplink'
import type { Source } from './wire'

/**
 * A video that is sent in a second codec, for those who cannot decode the first: another sender of the same track, which
 * follows what is wished of the first.
 */
export class SecondEncoding {
  readonly codec: string
  readonly transceiver: RTCRtpTransceiver
  readonly #source: Source
  #work: Promise<void> = Promise.resolve()

  constructor(source: Source, codec: string, transceiver: RTCRtpTransceiver) {
    this.#source = source
    this.codec = codec
    this.transceiver = transceiver
  }

  /** Begins, perhaps again. */
  start(wish: SourceWish, unwanted: Unwanted, limit: CameraLimit): void {
    this.transceiver.direction = 'sendonly'
    this.follow(wish, unwanted, limit)
  }

  /** Sends what is wished now, in the layers that somebody uses. */
  follow(wish: SourceWish, unwanted: Unwanted, limit: CameraLimit): void {
    const { sender } = this.transceiver
    this.#enqueue(async () => {
      if (sender.track !== wish.track) await sender.replaceTrack(wish.track)
      if (!wish.track) return
      if (this.#source === 'camera') return applyCamera(sender, wish.track, unwanted, limit)
      await applyHint(sender, wish.track, wish.hint ?? 'text', limit)
      await applyUnwanted(sender, unwanted.rids)
    })
  }

  /** Ends it; the section is kept for when it is needed again. */
  stop(): void {
    this.transceiver.direction = 'inactive'
    this.#enqueue(() => this.transceiver.sender.replaceTrack(null))
  }

  #enqueue(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch(() => {
      // The transceiver was stopped, or the browser does not know a parameter; what is sent stays as it is.
    })
  }
}
