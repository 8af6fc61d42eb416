import type { Scope } from '../scope'
import type { CallStats } from './state'
import { compareStats } from './stats'
import type { Identify, Measurement } from './statsChanges'
import type { UplinkSample } from './thinUplink'
import type { ReportStats } from './wire'

const everyMs = 2_000

export interface QualityEvents {
  measure(): Promise<Measurement> | null
  readonly identify: () => Identify | null
  onReport(report: ReportStats): void
  onMeasured(stats: CallStats, uplink: UplinkSample): void
}

/** Measures the connection every two seconds and reports to the server, which alone judges it. */
export class QualityWatch {
  readonly #events: QualityEvents
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
    const { call, report, uplink } = compareStats(this.#last, now, identify)
    const isFirst = this.#last === null
    this.#last = now
    this.#stats = call
    if (isFirst) return
    this.#events.onReport(report)
    this.#events.onMeasured(call, uplink)
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
