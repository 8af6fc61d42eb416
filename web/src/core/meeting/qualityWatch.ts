import type { Scope } from '../scope'
import type { CallStats, ConnectionQuality } from './state'
import { assess, compareStats, type Identify, type Measurement } from './stats'
import type { ReportStats } from './wire'

const everyMs = 2_000
/** A connection is called weak after so many bad samples in a row, and good again after so many good ones. */
const weakAfter = 2
const goodAfter = 3

export interface QualityEvents {
  measure(): Promise<Measurement> | null
  readonly identify: () => Identify | null
  onReport(report: ReportStats): void
  onQuality(quality: ConnectionQuality): void
}

/** Samples the connection every two seconds, reports to the server and tells when one's own connection is weak. */
export class QualityWatch {
  readonly #events: QualityEvents
  readonly #verdict = new Verdict()
  #last: Measurement | null = null
  #stats: CallStats | null = null
  #sampling: Promise<void> | null = null

  constructor(scope: Scope, events: QualityEvents) {
    this.#events = events
    scope.interval(() => void this.#sample(), everyMs)
  }

  /** The numbers of the last two seconds; measures at once when there are none yet. */
  async stats(): Promise<CallStats> {
    if (!this.#stats) await this.#sample()
    return this.#stats ?? emptyStats
  }

  /** The connections are new; their counters start again. */
  reset(): void {
    this.#last = null
    this.#stats = null
  }

  #sample(): Promise<void> {
    this.#sampling ??= this.#measure().finally(() => {
      this.#sampling = null
    })
    return this.#sampling
  }

  async #measure(): Promise<void> {
    const identify = this.#events.identify()
    const now = await this.#events.measure()?.catch(() => null)
    if (!now || !identify) return
    const { call, report } = compareStats(this.#last, now, identify)
    const isFirst = this.#last === null
    this.#last = now
    this.#stats = call
    if (isFirst) return
    this.#events.onReport(report)
    const quality = this.#verdict.next(assess(report))
    if (quality) this.#events.onQuality(quality)
  }
}

/** Holds a judgement until the samples clearly say otherwise. */
export class Verdict {
  #weak = 0
  #good = 0
  #present: ConnectionQuality = { level: 'good' }

  /** Returns the new judgement when it changes. */
  next(sample: ConnectionQuality): ConnectionQuality | null {
    const isGood = sample.level === 'good'
    this.#good = isGood ? this.#good + 1 : 0
    this.#weak = isGood ? 0 : this.#weak + 1
    const settled = isGood ? this.#good >= goodAfter : this.#weak >= weakAfter
    if (!settled || (sample.level === this.#present.level && sample.reason === this.#present.reason))
      return null
    this.#present = sample
    return sample
  }
}

const emptyStats: CallStats = {
  roundTripMs: null,
  uplinkLoss: 0,
  downlinkLoss: 0,
  upBitsPerSecond: 0,
  downBitsPerSecond: 0,
  availableUpBitsPerSecond: null,
  transport: '',
  streams: [],
}
