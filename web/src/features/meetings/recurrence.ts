/** Recurrence as people say it, and as RFC 5545 writes it. */

export type Frequency = 'none' | 'daily' | 'weekdays' | 'weekly' | 'monthly'
export const frequencies: readonly Frequency[] = ['none', 'daily', 'weekdays', 'weekly', 'monthly']

export type End = { kind: 'never' } | { kind: 'on'; date: Date } | { kind: 'after'; count: number }

export interface Recurrence {
  frequency: Frequency
  end: End
}

export const once: Recurrence = { frequency: 'none', end: { kind: 'never' } }

const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const
const working = 'MO,TU,WE,TH,FR'

/** The rule for a meeting that first starts at `start`, in the reader's zone; undefined when it does not repeat. */
export function toRRule({ frequency, end }: Recurrence, start: Date): string | undefined {
  const base = frequencyPart(frequency, start)
  if (!base) return undefined
  switch (end.kind) {
    case 'never':
      return base
    case 'on':
      return `${base};UNTIL=${utcStamp(endOfDay(end.date))}`
    case 'after':
      return `${base};COUNT=${end.count}`
  }
}

function frequencyPart(frequency: Frequency, start: Date): string | undefined {
  switch (frequency) {
    case 'none':
      return undefined
    case 'daily':
      return 'FREQ=DAILY'
    case 'weekdays':
      return `FREQ=WEEKLY;BYDAY=${working}`
    case 'weekly':
      return `FREQ=WEEKLY;BYDAY=${weekdays[start.getDay()]}`
    case 'monthly':
      return `FREQ=MONTHLY;BYMONTHDAY=${start.getDate()}`
  }
}

/** The parts of a rule by name: FREQ, BYDAY, … */
export function ruleParts(rule: string): Map<string, string> {
  return new Map(
    rule
      .replace(/^RRULE:/, '')
      .split(';')
      .map((part) => part.split('=', 2) as [string, string]),
  )
}

/** Reads a rule back. A rule that this client could not have written gives null: it is kept as it is. */
export function fromRRule(rule: string | null | undefined): Recurrence | null {
  if (!rule) return once
  const parts = ruleParts(rule)
  const frequency = readFrequency(parts)
  const end = readEnd(parts)
  return frequency && end ? { frequency, end } : null
}

function readFrequency(parts: ReadonlyMap<string, string>): Frequency | null {
  const known = new Set(['FREQ', 'BYDAY', 'BYMONTHDAY', 'UNTIL', 'COUNT', 'INTERVAL', 'WKST'])
  if ([...parts.keys()].some((name) => !known.has(name)) || (parts.get('INTERVAL') ?? '1') !== '1')
    return null
  const days = parts.get('BYDAY')
  switch (parts.get('FREQ')) {
    case 'DAILY':
      return days ? null : 'daily'
    case 'WEEKLY':
      if (days === working) return 'weekdays'
      return days?.includes(',') ? null : 'weekly'
    case 'MONTHLY':
      return days || !/^\d+$/.test(parts.get('BYMONTHDAY') ?? '1') ? null : 'monthly'
    default:
      return null
  }
}

function readEnd(parts: ReadonlyMap<string, string>): End | null {
  const [until, count] = [parts.get('UNTIL'), parts.get('COUNT')]
  if (count !== undefined) {
    const number = Number(count)
    return Number.isInteger(number) && number > 0 ? { kind: 'after', count: number } : null
  }
  if (until === undefined) return { kind: 'never' }
  const date = untilOf(until)
  return date && { kind: 'on', date }
}

/** When UNTIL is; null when there is none or it is neither a date nor a time. */
export function untilOf(until: string | undefined): Date | null {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?$/.exec(until ?? '')
  if (!match) return null
  const [year = 0, month = 0, day = 0, hour = 23, minute = 59, second = 59] = match
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)))
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second))
}

function endOfDay(date: Date): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate(), 23, 59, 59)
}

function utcStamp(time: Date): string {
  return time.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '')
}
