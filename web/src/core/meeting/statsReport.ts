import { type Changes, type Identify, numberOf, type StatsEntry, textOf } from './statsChanges'
import type { ReceivedReport, ReportStats, SentReport } from './wire'

/** Below this a jitter is not worth telling, in milliseconds. */
const quietJitterMs = 20
/** The most that one report has, see PROTOCOL.md. */
const maxSent = 8
const maxReceived = 64

type StreamsReport = Pick<
  ReportStats,
  'intervalMs' | 'freezeMs' | 'cpuLimitedMs' | 'bandwidthLimitedMs' | 'sent' | 'received'
>

/** What the server is told of single streams: only of those that have something to tell. */
export function reportOf(
  changes: Changes,
  outbound: ReadonlyArray<StatsEntry>,
  inbound: ReadonlyArray<StatsEntry>,
  identify: Identify,
): StreamsReport {
  const sent = sentReports(changes, outbound, identify)
  const received = inbound.flatMap((entry) => receivedReport(changes, entry, identify))
  return {
    intervalMs: changes.isFirst ? 0 : Math.round(1000 * changes.seconds),
    freezeMs: most(received, 'freezeMs'),
    cpuLimitedMs: most(sent, 'cpuLimitedMs'),
    bandwidthLimitedMs: most(sent, 'bandwidthLimitedMs'),
    ...(sent.length > 0 ? { sent: sent.slice(0, maxSent) } : {}),
    ...(received.length > 0 ? { received: received.slice(0, maxReceived) } : {}),
  }
}

/** The layers of a camera are one publication: it is held back as long as its layer that is so longest. */
function sentReports(
  changes: Changes,
  outbound: ReadonlyArray<StatsEntry>,
  identify: Identify,
): SentReport[] {
  const reports = new Map<string, SentReport>()
  for (const entry of outbound) {
    const publicationId = identify.publish(textOf(entry, 'mid'))?.publicationId
    if (!publicationId) continue
    const before = reports.get(publicationId)
    const larger = (key: keyof Omit<SentReport, 'publicationId'>, value: number) =>
      Math.max(before?.[key] ?? 0, Math.round(value))
    reports.set(publicationId, {
      publicationId,
      framesPerSecond: larger('framesPerSecond', Math.min(1000, numberOf(entry, 'framesPerSecond') ?? 0)),
      cpuLimitedMs: larger('cpuLimitedMs', limitedMs(changes, entry, 'cpu')),
      bandwidthLimitedMs: larger('bandwidthLimitedMs', limitedMs(changes, entry, 'bandwidth')),
    })
  }
  return [...reports.values()].filter((report) => report.cpuLimitedMs || report.bandwidthLimitedMs)
}

function limitedMs(changes: Changes, entry: StatsEntry, by: 'cpu' | 'bandwidth'): number {
  return Math.min(1000 * changes.seconds, 1000 * changes.within(entry, 'qualityLimitationDurations', by))
}

function receivedReport(changes: Changes, entry: StatsEntry, identify: Identify): ReceivedReport[] {
  const publicationId = identify.subscribe(textOf(entry, 'mid'))?.publicationId
  if (!publicationId) return []
  const report = {
    lost: changes.lost([entry]),
    jitterMs: Math.round(1000 * (numberOf(entry, 'jitter') ?? 0)),
    freezeMs: freezeMs(changes, entry),
  }
  if (report.lost === 0 && report.freezeMs === 0 && report.jitterMs < quietJitterMs) return []
  return [{ publicationId, ...report }]
}

/** How long a picture stood still; a stream that the server held back, for longer than was measured, is no freeze. */
function freezeMs(changes: Changes, entry: StatsEntry): number {
  const ms = Math.round(1000 * changes.of(entry, 'totalFreezesDuration'))
  return ms <= 1000 * changes.seconds ? ms : 0
}

function most<K extends string>(list: ReadonlyArray<Partial<Record<K, number>>>, key: K): number {
  return Math.max(0, ...list.map((one) => one[key] ?? 0))
}
