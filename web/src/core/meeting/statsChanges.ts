import type { Source } from './wire'

/** A statistics entry as browsers give it; the type library lags behind. */
export interface StatsEntry {
  id: string
  type: string
  [key: string]: unknown
}

export interface StreamIdentity {
  publicationId: string
  participantId: string | null
  source: Source
}

/** What was measured at one moment on both connections. */
export interface Measurement {
  atMs: number
  publish: ReadonlyArray<StatsEntry>
  subscribe: ReadonlyArray<StatsEntry>
}

/** Which publication a media section carries, so that statistics can be told by publication. */
export interface Identify {
  publish(mid: string): StreamIdentity | null
  subscribe(mid: string): StreamIdentity | null
}

type Counter = (entry: StatsEntry | undefined) => number

const lostOf: Counter = (entry) => numberOf(entry, 'packetsLost') ?? 0

/** Differences of counters since the measurement before; a stream that is new counts from nothing. */
export class Changes {
  readonly seconds: number
  readonly isFirst: boolean
  readonly #before: Map<string, StatsEntry>

  constructor(before: Measurement | null, now: Measurement) {
    this.isFirst = before === null
    this.seconds = before ? Math.max(0.001, (now.atMs - before.atMs) / 1000) : 1
    // Ids are unique within one connection only.
    this.#before = new Map([
      ...(before?.publish ?? []).map((entry) => [`p${entry.id}`, entry] as const),
      ...(before?.subscribe ?? []).map((entry) => [`s${entry.id}`, entry] as const),
    ])
  }

  of(entry: StatsEntry, key: string): number {
    return this.#change(entry, (one) => numberOf(one, key) ?? 0)
  }

  /** Packets that were lost. Their number falls when some come late: then none were lost. */
  lost(list: ReadonlyArray<StatsEntry>): number {
    return list.reduce((sum, entry) => sum + Math.max(0, this.#difference(entry, lostOf)), 0)
  }

  /** The same for a counter inside a record, such as qualityLimitationDurations. */
  within(entry: StatsEntry, record: string, key: string): number {
    return this.#change(entry, (one) => numberOf(one?.[record] as StatsEntry | undefined, key) ?? 0)
  }

  #change(entry: StatsEntry, counter: Counter): number {
    const change = this.#difference(entry, counter)
    // Firefox begins its counters again after an ICE restart.
    return change < 0 ? Math.max(0, counter(entry)) : change
  }

  #difference(entry: StatsEntry, counter: Counter): number {
    if (this.isFirst) return 0
    const side = entry.type === 'inbound-rtp' ? 's' : 'p'
    return counter(entry) - counter(this.#before.get(`${side}${entry.id}`))
  }

  sum(list: ReadonlyArray<StatsEntry>, key: string): number {
    return list.reduce((sum, entry) => sum + this.of(entry, key), 0)
  }

  rate(entry: StatsEntry, key: string): number {
    return this.of(entry, key) / this.seconds
  }
}

export function numberOf(entry: StatsEntry | undefined, key: string): number | null {
  const value = entry?.[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

export function textOf(entry: StatsEntry | undefined, key: string): string {
  const value = entry?.[key]
  return typeof value === 'string' ? value : ''
}
