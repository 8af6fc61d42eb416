import type { CallStats, ConnectionQuality, StreamStats } from './state'
import type { ReportStats, Source } from './wire'

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

/** Numbers of the time between two measurements: what the server is told and what the person may look at. */
export function compareStats(
  before: Measurement | null,
  now: Measurement,
  identify: Identify,
): {
  call: CallStats
  report: ReportStats
} {
  const changes = new Changes(before, now)
  const outbound = entries(now.publish, 'outbound-rtp')
  const inbound = entries(now.subscribe, 'inbound-rtp')
  const up = ratio(
    changes.sum(entries(now.publish, 'remote-inbound-rtp'), 'packetsLost'),
    changes.sum(outbound, 'packetsSent'),
  )
  const down = inboundLoss(changes, inbound)
  const roundTripMs = roundTripOf(now)
  const call: CallStats = {
    roundTripMs,
    uplinkLoss: up,
    downlinkLoss: down,
    upBitsPerSecond: sumRates(changes, outbound, 'bytesSent'),
    downBitsPerSecond: sumRates(changes, inbound, 'bytesReceived'),
    availableUpBitsPerSecond: numberOf(selectedPair(now.publish), 'availableOutgoingBitrate'),
    transport: transportOf(now),
    streams: [
      ...upStreams(changes, now.publish, outbound, identify),
      ...inbound.flatMap((entry) => downStream(changes, now.subscribe, entry, identify)),
    ],
  }
  const limits = new Set(outbound.map((entry) => entry.qualityLimitationReason))
  const report: ReportStats = {
    roundTripMs: Math.round(roundTripMs ?? 0),
    uplinkLoss: up,
    downlinkLoss: down,
    freezeMs: freezeOf(changes, inbound),
    cpuLimited: limits.has('cpu'),
    bandwidthLimited: limits.has('bandwidth'),
  }
  return { call, report }
}

/** How good a connection is, by what speech and pictures bear. */
export function assess(report: ReportStats): ConnectionQuality {
  if (report.uplinkLoss > 0.12) return { level: 'bad', reason: 'uplinkLoss' }
  if (report.downlinkLoss > 0.12) return { level: 'bad', reason: 'downlinkLoss' }
  if (report.roundTripMs > 1_000) return { level: 'bad', reason: 'roundTrip' }
  if (report.uplinkLoss > 0.05) return { level: 'weak', reason: 'uplinkLoss' }
  if (report.downlinkLoss > 0.05) return { level: 'weak', reason: 'downlinkLoss' }
  if (report.roundTripMs > 450) return { level: 'weak', reason: 'roundTrip' }
  return { level: 'good' }
}

/** Differences of counters since the measurement before; a stream that is new counts from nothing. */
class Changes {
  readonly seconds: number
  readonly #before: Map<string, StatsEntry>
  readonly #isFirst: boolean

  constructor(before: Measurement | null, now: Measurement) {
    this.#isFirst = before === null
    this.seconds = before ? Math.max(0.001, (now.atMs - before.atMs) / 1000) : 1
    // Ids are unique within one connection only.
    this.#before = new Map([
      ...(before?.publish ?? []).map((entry) => [`p${entry.id}`, entry] as const),
      ...(before?.subscribe ?? []).map((entry) => [`s${entry.id}`, entry] as const),
    ])
  }

  of(entry: StatsEntry, key: string): number {
    if (this.#isFirst) return 0
    const side = entry.type === 'inbound-rtp' ? 's' : 'p'
    const before = this.#before.get(`${side}${entry.id}`)
    const value = numberOf(entry, key) ?? 0
    const change = value - ((before && numberOf(before, key)) ?? 0)
    // Firefox begins its counters again after an ICE restart.
    return change < 0 ? Math.max(0, value) : change
  }

  sum(list: ReadonlyArray<StatsEntry>, key: string): number {
    return list.reduce((sum, entry) => sum + this.of(entry, key), 0)
  }

  rate(entry: StatsEntry, key: string): number {
    return this.of(entry, key) / this.seconds
  }
}

function entries(all: ReadonlyArray<StatsEntry>, type: string): StatsEntry[] {
  return all.filter((entry) => entry.type === type)
}

function numberOf(entry: StatsEntry | undefined, key: string): number | null {
  const value = entry?.[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function textOf(entry: StatsEntry | undefined, key: string): string {
  const value = entry?.[key]
  return typeof value === 'string' ? value : ''
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, part / whole)
}

function inboundLoss(changes: Changes, inbound: ReadonlyArray<StatsEntry>): number {
  const lost = changes.sum(inbound, 'packetsLost')
  return ratio(lost, lost + changes.sum(inbound, 'packetsReceived'))
}

function sumRates(changes: Changes, list: ReadonlyArray<StatsEntry>, key: string): number {
  return Math.round((8 * changes.sum(list, key)) / changes.seconds)
}

/** Video that stood still, in milliseconds of the longest-suffering stream; a stream the server held back is no freeze. */
function freezeOf(changes: Changes, inbound: ReadonlyArray<StatsEntry>): number {
  const freezes = inbound
    .map((entry) => 1000 * changes.of(entry, 'totalFreezesDuration'))
    .filter((freezeMs) => freezeMs <= 1000 * changes.seconds)
  return Math.round(Math.max(0, ...freezes))
}

function roundTripOf(now: Measurement): number | null {
  const seconds =
    numberOf(selectedPair(now.publish), 'currentRoundTripTime') ??
    numberOf(selectedPair(now.subscribe), 'currentRoundTripTime') ??
    numberOf(entries(now.publish, 'remote-inbound-rtp')[0], 'roundTripTime')
  return seconds === null ? null : Math.round(seconds * 1000)
}

function selectedPair(all: ReadonlyArray<StatsEntry>): StatsEntry | undefined {
  const id = textOf(
    all.find((entry) => entry.type === 'transport'),
    'selectedCandidatePairId',
  )
  const pairs = entries(all, 'candidate-pair')
  return (
    pairs.find((pair) => pair.id === id) ??
    pairs.find((pair) => pair.selected === true) ??
    pairs.find((pair) => pair.nominated === true && pair.state === 'succeeded')
  )
}

function transportOf(now: Measurement): string {
  for (const all of [now.publish, now.subscribe]) {
    const pair = selectedPair(all)
    const local = all.find((entry) => entry.id === textOf(pair, 'localCandidateId'))
    if (local) return local.candidateType === 'relay' ? 'relay' : textOf(local, 'protocol') || 'udp'
  }
  return ''
}

/** A simulcast camera is one stream to a person: its layers are added, its size is that of the largest that runs. */
function upStreams(
  changes: Changes,
  all: ReadonlyArray<StatsEntry>,
  outbound: ReadonlyArray<StatsEntry>,
  identify: Identify,
): StreamStats[] {
  const streams = new Map<string, StreamStats>()
  for (const entry of outbound) {
    const identity = identify.publish(textOf(entry, 'mid'))
    if (!identity) continue
    const layer = upLayer(changes, all, entry, identity)
    const present = streams.get(identity.publicationId)
    streams.set(identity.publicationId, present ? joinLayers(present, layer) : layer)
  }
  return [...streams.values()]
}

function upLayer(
  changes: Changes,
  all: ReadonlyArray<StatsEntry>,
  entry: StatsEntry,
  identity: StreamIdentity,
): StreamStats {
  const remote = all.find((other) => other.id === textOf(entry, 'remoteId'))
  return {
    ...identity,
    direction: 'up',
    codec: codecOf(all, entry),
    bitsPerSecond: Math.round(8 * changes.rate(entry, 'bytesSent')),
    width: numberOf(entry, 'frameWidth') ?? 0,
    height: numberOf(entry, 'frameHeight') ?? 0,
    framesPerSecond: Math.round(numberOf(entry, 'framesPerSecond') ?? 0),
    loss: numberOf(remote, 'fractionLost') ?? 0,
    jitterMs: Math.round(1000 * (numberOf(remote, 'jitter') ?? 0)),
  }
}

function joinLayers(a: StreamStats, b: StreamStats): StreamStats {
  const active = [a, b].filter((layer) => layer.framesPerSecond > 0)
  const larger =
    (active.length === 1 ? active[0] : undefined) ?? (a.width * a.height >= b.width * b.height ? a : b)
  return {
    ...larger,
    bitsPerSecond: a.bitsPerSecond + b.bitsPerSecond,
    loss: Math.max(a.loss, b.loss),
    jitterMs: Math.max(a.jitterMs, b.jitterMs),
  }
}

function downStream(
  changes: Changes,
  all: ReadonlyArray<StatsEntry>,
  entry: StatsEntry,
  identify: Identify,
): StreamStats[] {
  const identity = identify.subscribe(textOf(entry, 'mid'))
  if (!identity) return []
  return [
    {
      ...identity,
      direction: 'down',
      codec: codecOf(all, entry),
      bitsPerSecond: Math.round(8 * changes.rate(entry, 'bytesReceived')),
      width: numberOf(entry, 'frameWidth') ?? 0,
      height: numberOf(entry, 'frameHeight') ?? 0,
      framesPerSecond: Math.round(changes.rate(entry, 'framesDecoded')),
      loss: inboundLoss(changes, [entry]),
      jitterMs: Math.round(1000 * (numberOf(entry, 'jitter') ?? 0)),
    },
  ]
}

function codecOf(all: ReadonlyArray<StatsEntry>, entry: StatsEntry): string {
  const codec = all.find((other) => other.id === textOf(entry, 'codecId'))
  return textOf(codec, 'mimeType').split('/')[1] ?? ''
}
