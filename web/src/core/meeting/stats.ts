import type { CallStats, StreamStats } from './state'
import {
  Changes,
  type Identify,
  type Measurement,
  numberOf,
  type StatsEntry,
  type StreamIdentity,
  textOf,
} from './statsChanges'
import { reportOf } from './statsReport'
import type { UplinkSample } from './thinUplink'
import type { ReportStats } from './wire'

/** Numbers of the time between two measurements: what the server is told, what the person may look at, and what bounds the camera. */
export function compareStats(
  before: Measurement | null,
  now: Measurement,
  identify: Identify,
): {
  call: CallStats
  report: ReportStats
  uplink: UplinkSample
} {
  const changes = new Changes(before, now)
  const outbound = entries(now.publish, 'outbound-rtp')
  const inbound = entries(now.subscribe, 'inbound-rtp')
  const up = ratio(
    changes.lost(entries(now.publish, 'remote-inbound-rtp')),
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
  const report: ReportStats = {
    ...reportOf(changes, outbound, inbound, identify),
    roundTripMs: Math.round(roundTripMs ?? 0),
    downlinkLoss: down,
    ...(call.availableUpBitsPerSecond
      ? { availableBitsPerSecond: Math.round(call.availableUpBitsPerSecond) }
      : {}),
  }
  const uplink: UplinkSample = {
    soundLoss: soundLossOf(changes, now.publish, outbound, identify),
    roundTripMs: streamsRoundTripOf(changes, now.publish, outbound),
    carriedBitsPerSecond: outbound.reduce((sum, entry) => sum + carriedOf(changes, now.publish, entry), 0),
    availableBitsPerSecond: call.availableUpBitsPerSecond,
  }
  return { call, report, uplink }
}

/** Fewer packets tell nothing. */
const leastSoundPackets = 20

function soundLossOf(
  changes: Changes,
  all: ReadonlyArray<StatsEntry>,
  outbound: ReadonlyArray<StatsEntry>,
  identify: Identify,
): number | null {
  const own = outbound.filter((entry) => identify.publish(textOf(entry, 'mid'))?.source === 'microphone')
  const sent = changes.sum(own, 'packetsSent')
  const reports = own.flatMap((entry) => remoteOf(all, entry) ?? [])
  return sent < leastSoundPackets ? null : ratio(changes.lost(reports), sent)
}

/** Without what the newest report says was lost, and what was missing when reports were compared. */
function carriedOf(changes: Changes, all: ReadonlyArray<StatsEntry>, entry: StatsEntry): number {
  const report = remoteOf(all, entry)
  const lost = report ? ratio(changes.lost([report]), changes.of(entry, 'packetsSent')) : 0
  return 8 * changes.rate(entry, 'bytesSent') * (1 - Math.max(lost, numberOf(report, 'fractionLost') ?? 0))
}

/**
 * The longest round trip among the pictures that were sent, or of the sound without any. It is that of the sender report that came
 * last: those of pictures leave each second, those of sound every five, those of streams that rest never.
 */
function streamsRoundTripOf(
  changes: Changes,
  all: ReadonlyArray<StatsEntry>,
  outbound: ReadonlyArray<StatsEntry>,
): number | null {
  const sent = outbound.filter((entry) => changes.of(entry, 'packetsSent') > 0)
  const pictures = sent.filter((entry) => entry.kind === 'video')
  const seconds = (pictures.length > 0 ? pictures : sent).flatMap(
    (entry) => numberOf(remoteOf(all, entry), 'roundTripTime') ?? [],
  )
  return seconds.length === 0 ? null : Math.round(1000 * Math.max(...seconds))
}

function remoteOf(all: ReadonlyArray<StatsEntry>, entry: StatsEntry): StatsEntry | undefined {
  return all.find((other) => other.id === textOf(entry, 'remoteId'))
}

function entries(all: ReadonlyArray<StatsEntry>, type: string): StatsEntry[] {
  return all.filter((entry) => entry.type === type)
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, part / whole)
}

function inboundLoss(changes: Changes, inbound: ReadonlyArray<StatsEntry>): number {
  const lost = changes.lost(inbound)
  return ratio(lost, lost + changes.sum(inbound, 'packetsReceived'))
}

function sumRates(changes: Changes, list: ReadonlyArray<StatsEntry>, key: string): number {
  return Math.round((8 * changes.sum(list, key)) / changes.seconds)
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
  const remote = remoteOf(all, entry)
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
