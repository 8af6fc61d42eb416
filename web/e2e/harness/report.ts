import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { artifacts } from './paths'

/** The value below which a share (0 to 1) of the values lies. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** Prints figures and keeps them with the machine's description. */
export function report(name: string, figures: Record<string, number | string>): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`
  console.table(figures)
  mkdirSync(artifacts, { recursive: true })
  writeFileSync(`${artifacts}/${name}.json`, JSON.stringify({ machine, ...figures }, null, 2))
}
