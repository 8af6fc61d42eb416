import type { CallQuality, QualityPerson, QualitySpan } from '@/core/api/types'

/** What a timeline draws, in percent of the meeting's length. */
export interface Bar {
  left: number
  width: number
}

/** The length that all timelines show. */
export interface Frame {
  from: number
  to: number
}

/** From when people met until they ended, or until now. */
export function frameOf(report: CallQuality): Frame {
  const from = Date.parse(report.startedAt ?? report.readAt)
  return { from, to: Math.max(from + 1000, Date.parse(report.endedAt ?? report.readAt)) }
}

/** Where a part of the meeting is drawn; what is short stays visible. */
export function barOf(frame: Frame, from: string, to: string | null, leastPercent = 0): Bar {
  const length = frame.to - frame.from
  const at = (time: number) => (100 * (Math.min(Math.max(time, frame.from), frame.to) - frame.from)) / length
  const left = at(Date.parse(from))
  const width = Math.max(leastPercent, (to === null ? 100 : at(Date.parse(to))) - left)
  return { left: Math.min(left, 100 - width), width }
}

/** Who had trouble first, then by how long; others stay in the order of joining. */
export function worstFirst(people: readonly QualityPerson[]): QualityPerson[] {
  return people.toSorted((a, b) => troubleMs(b) - troubleMs(a))
}

export function troubleMs(person: QualityPerson): number {
  return person.spans.reduce((sum, span) => sum + lengthOf(span), 0)
}

export function lengthOf(span: QualitySpan): number {
  return Date.parse(span.to) - Date.parse(span.from)
}

export const sides = ['uplink', 'downlink', 'link', 'device', 'server'] as const
export type Side = (typeof sides)[number]

/** How many people had trouble on each side, without sides on which nobody had. */
export function bySide(people: readonly QualityPerson[]): { side: Side; count: number }[] {
  return sides
    .map((side) => ({
      side,
      count: people.filter((person) => person.spans.some((span) => span.side === side)).length,
    }))
    .filter(({ count }) => count > 0)
}
