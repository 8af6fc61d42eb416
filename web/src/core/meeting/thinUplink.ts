/** What was measured of one's own uplink since the time before. */
export interface UplinkSample {
  /** Share of one's own sound that did not come; null when next to none was sent. */
  soundLoss: number | null
  /** Null where the browser does not tell. */
  roundTripMs: number | null
  /** What came through, without headers. */
  carriedBitsPerSecond: number
  /** What the browser believes the link carries; null when it does not tell. */
  availableBitsPerSecond: number | null
}

/** What the camera may send in bits per second: null for as much as it likes, 0 for nothing. */
export type CameraLimit = number | null

interface Step {
  limit: CameraLimit
  /** After this step was too much, it is not tried again for so long at most. */
  mostHoldMs: number
}

/**
 * From nothing to everything. 30 kbit/s beside the sound fit into 150; 70 do not, but fill its queue so slowly that this is seen
 * before anything is lost, so they may be tried often.
 */
const steps: readonly [Step, ...Step[]] = [
  { limit: 0, mostHoldMs: 0 },
  { limit: 30_000, mostHoldMs: 16_000 },
  { limit: 70_000, mostHoldMs: 8_000 },
  { limit: null, mostHoldMs: 30_000 },
]
const paused = 0
const least = 1
const open = steps.length - 1

/** From here on speech suffers. */
const heavyLoss = 0.08
/** How much longer than at its shortest a round trip is when what was sent waits in a queue, and when it does not. */
const queuedMs = 100
const freeMs = 50
/** How much longer the shortest may be at the next sample, since ways change, and what it is at most at first: a link may be full from the start. */
const forgetMs = 2
const firstShortestMs = 200
/** What gets through, and is believed to, on links on which browsers do not come to rest by themselves is less. */
const thinCarried = 300_000
const thinEstimate = 200_000
/** A queue needs so long to drain after less is sent. */
const drainMs = 7_000
const firstHoldMs = 2_500
const secondHoldMs = 4_000
/** A step that lasts so long was right. */
const trustedMs = 60_000

/**
 * Keeps speech whole on an uplink that carries hardly more than it: browsers send pictures of 100 kbit/s and more whatever gets
 * through, and Firefox does not count its sound, so that both are lost in the link's queue. Then the camera is bounded, at
 * last stopped, and let go step by step, later each time that was too early.
 */
export class ThinUplink {
  #step = open
  #sinceMs = Number.NEGATIVE_INFINITY
  #clearSinceMs: number | null = null
  #shortestMs = firstShortestMs
  readonly #holdMs = steps.map(() => firstHoldMs)

  next(sample: UplinkSample, nowMs: number): CameraLimit {
    const queueMs = this.#queueMs(sample.roundTripMs)
    if (this.#isTooMuch(sample, queueMs >= queuedMs, nowMs)) this.#lower(sample, nowMs)
    else if (queueMs >= freeMs) this.#clearSinceMs = null
    else this.#raise(nowMs)
    return this.#limit
  }

  get #limit(): CameraLimit {
    return (steps[this.#step] ?? steps[open] ?? steps[0]).limit
  }

  #queueMs(roundTripMs: number | null): number {
    if (roundTripMs === null) return 0
    this.#shortestMs = Math.min(this.#shortestMs + forgetMs, roundTripMs)
    return roundTripMs - this.#shortestMs
  }

  #isTooMuch(sample: UplinkSample, isQueued: boolean, nowMs: number): boolean {
    const losesSpeech = isQueued && (sample.soundLoss ?? 0) >= heavyLoss
    switch (this.#step) {
      case open:
        return losesSpeech && isThin(sample)
      case least:
      case paused:
        return losesSpeech && nowMs - this.#sinceMs > drainMs
      default:
        return isQueued
    }
  }

  #lower({ roundTripMs }: UplinkSample, nowMs: number): void {
    this.#clearSinceMs = null
    if (this.#step === paused) {
      // Neither the queue nor the loss is ours: the way is longer now.
      this.#shortestMs = roundTripMs ?? firstShortestMs
      this.#take(open, nowMs)
      return
    }
    if (nowMs - this.#sinceMs < trustedMs) {
      const hold = this.#holdMs[this.#step] ?? 0
      const longer = hold < secondHoldMs ? secondHoldMs : 2 * hold
      this.#holdMs[this.#step] = Math.min(longer, steps[this.#step]?.mostHoldMs ?? 0)
    }
    this.#take(this.#step === least ? paused : least, nowMs)
  }

  #raise(nowMs: number): void {
    this.#clearSinceMs ??= nowMs
    const since = Math.max(this.#sinceMs, this.#clearSinceMs)
    if (this.#step === open) {
      if (nowMs - since >= trustedMs) this.#holdMs.fill(firstHoldMs)
    } else if (nowMs - since >= (this.#holdMs[this.#step + 1] ?? 0)) {
      this.#take(this.#step + 1, nowMs)
    }
  }

  #take(step: number, nowMs: number): void {
    this.#step = step
    this.#sinceMs = nowMs
  }
}

function isThin({ carriedBitsPerSecond, availableBitsPerSecond }: UplinkSample): boolean {
  return carriedBitsPerSecond < thinCarried && (availableBitsPerSecond ?? 0) < thinEstimate
}
