const speechLevel = 0.4
const startAfterMs = 400
const stopAfterMs = 2_500

/** Tells speech from a cough: it starts after a while of sound and lasts over pauses between words. */
export class SpeakingDetector {
  #loudMs = 0
  #quietSince: number | null = null
  #lastAt: number | null = null
  #speaking = false

  /** Takes a level and says whether somebody speaks. */
  next(level: number, now: number): boolean {
    const passed = this.#lastAt === null ? 0 : Math.min(500, now - this.#lastAt)
    this.#lastAt = now
    if (level >= speechLevel) {
      this.#quietSince = null
      this.#loudMs += passed
      if (this.#loudMs >= startAfterMs) this.#speaking = true
    } else {
      this.#quietSince ??= now
      this.#loudMs = Math.max(0, this.#loudMs - passed / 2)
      if (now - this.#quietSince >= stopAfterMs) this.reset()
    }
    return this.#speaking
  }

  reset(): void {
    this.#loudMs = 0
    this.#quietSince = null
    this.#lastAt = null
    this.#speaking = false
  }
}
