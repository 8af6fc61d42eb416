import type { Meeting, MeetingDraft } from '@/core/api/types'
import { fromRRule, once, type Recurrence, toRRule } from './recurrence'

/** A meeting as its form has it, in the reader's zone. */
export interface Plan {
  title: string
  start: Date
  minutes: number
  /** Null: a rule that this form cannot show; it stays as it is. */
  recurrence: Recurrence | null
  inviteeIds: string[]
  coHostIds: string[]
  lobby: boolean
  guestsAllowed: boolean
  whoMayShare: 'everyone' | 'hosts'
  whoMayDraw: 'everyone' | 'hosts'
}

export const durations: readonly number[] = [15, 30, 45, 60, 90, 120, 180, 240]

/** A new plan begins at the next half hour. */
export function newPlan(now: Date): Plan {
  const half = 30 * 60_000
  return {
    title: '',
    start: new Date(Math.ceil((now.getTime() + 1) / half) * half),
    minutes: 30,
    recurrence: once,
    inviteeIds: [],
    coHostIds: [],
    lobby: false,
    guestsAllowed: true,
    whoMayShare: 'everyone',
    whoMayDraw: 'everyone',
  }
}

export function planOf(meeting: Meeting): Plan {
  return {
    title: meeting.title,
    start: new Date(meeting.startsAt),
    minutes: meeting.durationMinutes,
    recurrence: fromRRule(meeting.rrule),
    inviteeIds: meeting.invitees.map(({ id }) => id),
    coHostIds: meeting.invitees.filter(({ coHost }) => coHost).map(({ id }) => id),
    lobby: meeting.lobby,
    guestsAllowed: meeting.guestsAllowed,
    whoMayShare: meeting.whoMayShare,
    whoMayDraw: meeting.whoMayDraw,
  }
}

/**
 * What is sent. The zone goes along whenever the form decided the rule, since a rule is reckoned on the clock of a
 * zone; a rule that the form cannot show keeps its own.
 */
export function bodyOf(plan: Plan, timezone: string): MeetingDraft {
  const { recurrence, title, start, minutes, ...rest } = plan
  const body: MeetingDraft = {
    ...rest,
    title: title.trim(),
    startsAt: start.toISOString(),
    durationMinutes: minutes,
    coHostIds: plan.coHostIds.filter((id) => plan.inviteeIds.includes(id)),
  }
  if (!recurrence) return body
  return { ...body, timezone, rrule: toRRule(recurrence, start) ?? '' }
}
