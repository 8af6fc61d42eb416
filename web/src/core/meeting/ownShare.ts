import type { Scope } from '../scope'
import { meterLevel } from './levelMeter'
import { captureScreen, type ScreenCapture } from './screenCapture'
import { SpeakingDetector } from './speakingDetector'
import type { ShareOptions } from './state'
import type { ContentHint } from './wire'

export interface OwnShareEvents {
  onChange(): void
  onFailed(code: string): void
}

/** The one share of one's own: from the browser's picker to its end, whoever ends it. */
export class OwnShare {
  readonly #events: OwnShareEvents
  #capture: ScreenCapture | null = null
  #picking = false
  #listening: Scope | null = null
  #closed = false

  constructor(events: OwnShareEvents) {
    this.#events = events
  }

  get capture(): ScreenCapture | null {
    return this.#capture
  }

  /** Must be called in a click: the browser shows its picker. */
  async start(options: ShareOptions): Promise<void> {
    if (this.#capture || this.#picking || this.#closed) return
    this.#picking = true
    const captured = await captureScreen(options, () => this.stop())
    this.#picking = false
    if (captured.result === 'failed') this.#events.onFailed(captured.code)
    if (captured.result !== 'capturing') return
    if (this.#closed) {
      captured.capture.scope.end()
      return
    }
    this.#set(captured.capture)
    if (options.hint === undefined || options.hint === 'auto') this.#followSound(captured.capture)
  }

  stop(): void {
    if (!this.#capture) return
    this.#capture.scope.end()
    this.#set(null)
  }

  /** Chosen by hand: from now on nothing else chooses. */
  setHint(hint: ContentHint): void {
    this.#listening?.end()
    this.#choose(hint)
  }

  #choose(hint: ContentHint): void {
    if (this.#capture && this.#capture.hint !== hint) this.#set({ ...this.#capture, hint })
  }

  /** A tab that plays something is a film more likely than a text: once it is heard for a while, motion counts. */
  #followSound({ audio, scope }: ScreenCapture): void {
    if (!audio) return
    const detector = new SpeakingDetector()
    const listening = meterLevel(audio, (level) => {
      if (!detector.next(level, performance.now())) return
      listening.end()
      this.#choose('motion')
    })
    scope.add(() => listening.end())
    this.#listening = listening
  }

  close(): void {
    this.#closed = true
    this.#capture?.scope.end()
    this.#capture = null
  }

  #set(capture: ScreenCapture | null): void {
    this.#capture = capture
    this.#events.onChange()
  }
}
