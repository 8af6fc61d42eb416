import type { BoardChange } from '@/core/api/types'
import { dayName } from '@/ui/format'

export interface HistoryDay {
  name: string
  changes: BoardChange[]
}

/** The changes in days as they are said, in the order they came. */
export function changesByDay(changes: readonly BoardChange[], now: Date, locale: string): HistoryDay[] {
  const days: HistoryDay[] = []
  for (const change of changes) {
    const name = dayName(new Date(change.at), now, locale)
    const last = days[days.length - 1]
    if (last?.name === name) last.changes.push(change)
    else days.push({ name, changes: [change] })
  }
  return days
}

/** Where on the slider a change stands: the oldest that is known at 0, the newest at the right end. */
export function placeOf(changes: readonly BoardChange[], seq: number): number {
  const at = changes.findIndex((change) => change.seq === seq)
  return at < 0 ? changes.length - 1 : changes.length - 1 - at
}

/** The change at a place of the slider; `changes` are the newest first. */
export function changeAt(changes: readonly BoardChange[], place: number): BoardChange | undefined {
  return changes[changes.length - 1 - place]
}
