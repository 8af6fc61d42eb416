import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import type { Impairment } from './link'
import { artifacts } from './paths'
import type { Counters, Frame, Recording, Sample, Watch } from './watch'

/** A link without any impairment. */
export const well = { rate: 0, delay: 0, jitter: 0, queue: 300, loss: 0, burst: 1 } satisfies Impairment

/** The links of the impairment matrix. */
export const impairments: Record<string, Impairment> = {
  '500 kbit/s, 3 % loss, 50 ms': { rate: 500, loss: 3, delay: 50 },
  '1 Mbit/s, 1 s of buffer': { rate: 1000, queue: 1000 },
  '10 % loss in bursts': { loss: 10, burst: 3, delay: 20 },
  '150 kbit/s': { rate: 150 },
}

/** How long a link has to settle, how long it is measured, and how long its recovery may take, in milliseconds. */
export const settleMs = 8_000
export const measureMs = 10_000
export const recoverMs = 15_000
/** How long the link is measured before it is impaired. */
export const beforeMs = 3_000

/** What somebody saw and heard of somebody else in a stretch of time. */
export interface Reception {
  framesPerSecond: number
  width: number
  kbps: number
  /** The longest time without a new frame. */
  longestGapMs: number
  /** What the browser counts as freezes. */
  freezes: number
  freezeMs: number
  /** Share of the time in which the page said that the server holds the picture back. */
  paused: number
  /** Share of the sound that was made up, without made-up silence, in percent; null without sound. */
  concealed: number | null
  /** Share of the packets of the sound that did not come, in percent. */
  soundLost: number | null
}

/** What a recording has of the time from one moment to another. */
export function receptionOf({ frames, samples }: Recording, from: number, to: number): Reception {
  const shown = frames.filter(({ at }) => at >= from && at <= to)
  const within = samples.filter(({ at }) => at >= from - 500 && at <= to + 500)
  const [first, last] = [within[0], within.at(-1)]
  const seconds = first && last ? (last.at - first.at) / 1000 : Number.NaN
  const grown = (kind: 'video' | 'audio', key: string) =>
    first && last ? count(last[kind], key) - count(first[kind], key) : 0
  const samplesHeard = grown('audio', 'totalSamplesReceived')
  const packets = grown('audio', 'packetsReceived') + grown('audio', 'packetsLost')
  const concealed = grown('audio', 'concealedSamples') - grown('audio', 'silentConcealedSamples')
  return {
    framesPerSecond: round(shown.length / ((to - from) / 1000), 1),
    width: commonWidth(shown),
    kbps: Math.round((8 * grown('video', 'bytesReceived')) / seconds / 1000),
    longestGapMs: Math.round(longestGap(shown, from, to)),
    freezes: grown('video', 'freezeCount'),
    freezeMs: Math.round(1000 * grown('video', 'totalFreezesDuration')),
    paused: round(within.filter(({ paused }) => paused).length / within.length, 2),
    concealed: samplesHeard > 0 ? round((100 * concealed) / samplesHeard, 1) : null,
    soundLost: packets > 0 ? round((100 * grown('audio', 'packetsLost')) / packets, 1) : null,
  }
}

/** Seconds after healing until there were 80 % of the frames for a second, of at least this width; null when there never were. */
export function recoveryOf(
  { frames }: Recording,
  healed: number,
  before: Reception,
  width = before.width,
): number | null {
  const after = frames.filter(({ at }) => at >= healed)
  const end = after.at(-1)?.at ?? healed
  for (const { at } of after) {
    if (at + 1000 > end) break
    const second = after.filter((frame) => frame.at >= at && frame.at < at + 1000)
    const wide = second.filter((frame) => frame.width >= width)
    if (wide.length >= 0.8 * before.framesPerSecond) return round((at - healed) / 1000, 1)
  }
  return null
}

function longestGap(frames: ReadonlyArray<Frame>, from: number, to: number): number {
  let longest = 0
  let last = from
  for (const { at } of [...frames, { at: to }]) {
    longest = Math.max(longest, at - last)
    last = at
  }
  return longest
}

/** The width that most frames had. */
function commonWidth(frames: ReadonlyArray<Frame>): number {
  const counts = new Map<number, number>()
  for (const { width } of frames) counts.set(width, (counts.get(width) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 0
}

function count(counters: Counters, key: string): number {
  const value = counters[key]
  return typeof value === 'number' ? value : 0
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

/** A page that can be asked, of either browser. */
export interface Page {
  evaluate(script: string): Promise<unknown>
}

/** The watch in a page. */
export class Watcher {
  constructor(private readonly page: Page) {}

  start = (subject: string) => this.page.evaluate(`window.watch.start(${JSON.stringify(subject)})`)
  record = () => this.page.evaluate('window.watch.record()') as Promise<Recording>
  now = () => this.page.evaluate('window.watch.now()') as Promise<ReturnType<Watch['now']>>
}

/** One cell of the matrix. */
export interface Cell {
  browser: string
  direction: string
  impairment: string
  /** Over the impaired link: before, impaired and settled. */
  before: Reception
  impaired: Reception
  /** From healing until it moves as before, in any size, and until it has its size again. */
  movesSeconds: number | null
  recoverySeconds: number | null
  /** Between two others on good links. */
  othersBefore: Reception
  others: Reception
}

/** The share, watched over a thin link. */
export interface ShareCell {
  browser: string
  codec: string
  impairment: string
  /** Seconds from each new page until it could be read, null when it never could. */
  readableAfter: (number | null)[]
  /** Cells in the wrong colour at the end, in percent. */
  wrong: number
  longestGapMs: number
  width: number
  concealed: number | null
}

const folder = `${artifacts}/link`

/** Keeps the figures of a cell, with everything that was recorded. */
export function keep(
  name: string,
  cell: Cell | ShareCell,
  recordings: Record<string, Recording>,
  log: string,
): void {
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/${name.replace(/[^a-z0-9]+/gi, '-')}`
  const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`
  const figures = {
    machine,
    load: loadavg()[0],
    at: new Date().toISOString(),
    ...cell,
    recordings: withFrames(recordings),
  }
  writeFileSync(`${file}.json`, JSON.stringify(figures))
  writeFileSync(`${file}.log`, log)
}

/** The samples, each with the number of frames since the one before. */
function withFrames(recordings: Record<string, Recording>): Record<string, Sample[]> {
  return Object.fromEntries(
    Object.entries(recordings).map(([who, { frames, samples }]) => [
      who,
      samples.map((sample) => ({
        ...sample,
        shown: frames.filter(({ at }) => at > sample.at - 500 && at <= sample.at).length,
        width: frames.findLast(({ at }) => at <= sample.at)?.width ?? 0,
      })),
    ]),
  )
}

const orDash = (value: number | null, unit = '') => (value === null ? '–' : `${value}${unit}`)

/** The matrix as a Markdown table. */
export function matrix(cells: ReadonlyArray<Cell>): string {
  const head =
    'browser | direction | link | sound made up % | longest gap s | freezes s | frames/s | width | kbit/s | moves after s | full size after s | others: gap s | others: frames/s | others: sound %'
  const rows = cells.map((cell) => {
    const { before, impaired: now, others, othersBefore } = cell
    const paused = now.paused > 0 ? ` (held back ${Math.round(100 * now.paused)} %)` : ''
    return [
      cell.browser,
      cell.direction,
      cell.impairment,
      orDash(now.concealed),
      (now.longestGapMs / 1000).toFixed(1) + paused,
      `${(now.freezeMs / 1000).toFixed(1)} in ${now.freezes}`,
      `${now.framesPerSecond} of ${before.framesPerSecond}`,
      `${now.width} of ${before.width}`,
      `${now.kbps} of ${before.kbps}`,
      orDash(cell.movesSeconds),
      orDash(cell.recoverySeconds),
      (others.longestGapMs / 1000).toFixed(1),
      `${others.framesPerSecond} of ${othersBefore.framesPerSecond}`,
      orDash(others.concealed),
    ].join(' | ')
  })
  return table(head, rows)
}

export function shareMatrix(cells: ReadonlyArray<ShareCell>): string {
  const head =
    'browser | codec | link | readable after s (each page) | wrong cells at the end % | longest gap s | width | sound made up %'
  const rows = cells.map((cell) =>
    [
      cell.browser,
      cell.codec,
      cell.impairment,
      cell.readableAfter.map((seconds) => orDash(seconds)).join(', '),
      cell.wrong,
      (cell.longestGapMs / 1000).toFixed(1),
      cell.width,
      orDash(cell.concealed),
    ].join(' | '),
  )
  return table(head, rows)
}

function table(head: string, rows: ReadonlyArray<string>): string {
  const line = head.replaceAll(/[^|]+/g, ' --- ')
  return ['', `| ${head} |`, `|${line}|`, ...rows.map((row) => `| ${row} |`), ''].join('\n')
}
