import type { MeetingSummary } from '@/core/api/types'
import { clock, dayName } from '@/ui/format'

/** When the meeting that a list shows begins or began. */
export function startOf(meeting: MeetingSummary, past: boolean): Date {
  if (past || meeting.status === 'running') return new Date(meeting.startedAt ?? meeting.startsAt)
  return new Date(meeting.nextOccurrence ?? meeting.startsAt)
}

/** How long it is planned to last, or how long it lasted, in milliseconds. */
export function lengthOf(meeting: MeetingSummary, past: boolean): number {
  if (past && meeting.startedAt && meeting.endedAt)
    return Date.parse(meeting.endedAt) - Date.parse(meeting.startedAt)
  return meeting.durationMinutes * 60_000
}

/** Today 14:00 – 15:00; with the day of the end when that is another. */
export function span(start: Date, milliseconds: number, now: Date, locale: string): string {
  const end = new Date(start.getTime() + milliseconds)
  const sameDay = start.toDateString() === end.toDateString()
  const until = sameDay ? clock(end, locale) : `${dayName(end, now, locale)} ${clock(end, locale)}`
  return `${dayName(start, now, locale)} ${clock(start, locale)} – ${until}`
}

export interface Day {
  name: string
  meetings: MeetingSummary[]
}

/** The list in days as they are said, in the order it came. */
export function byDay(meetings: readonly MeetingSummary[], past: boolean, now: Date, locale: string): Day[] {
  const days: Day[] = []
  for (const meeting of meetings) {
    const name = dayName(startOf(meeting, past), now, locale)
    const last = days[days.length - 1]
    if (last?.name === name) last.meetings.push(meeting)
    else days.push({ name, meetings: [meeting] })
  }
  return days
}

/** Whether it is the same day there as for the reader. */
export function sameDayIn(timeZone: string, at: Date): boolean {
  const day = (zone?: string) =>
    new Intl.DateTimeFormat('en', { dateStyle: 'short', timeZone: zone }).format(at)
  return day(timeZone) === day()
}

/** The zone of the reader in words: China Standard Time, GMT+8. */
export function zoneWords(locale: string, at: Date): string {
  const part = (timeZoneName: 'long' | 'short') =>
    new Intl.DateTimeFormat(locale, { timeZoneName })
      .formatToParts(at)
      .find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [long, short] = [part('long'), part('short')]
  return long === short ? long : `${long} (${short})`
}
