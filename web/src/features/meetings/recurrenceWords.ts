import type { TFunction } from 'i18next'
import { fullDate, listNames, spaced, weekdayName } from '@/ui/format'
import { ruleParts, untilOf } from './recurrence'

export interface SeriesStart {
  start: Date
  /** In which the rule is reckoned. */
  timeZone: string
}

const week = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
const monday = Date.UTC(2026, 10, 23)
const ordinals = ['1', '2', '3', '4', '5', '-1'] as const

/**
 * A recurrence rule (RFC 5545) in words: "every week on Tuesday, until 3 March 2027". The server says the same in the
 * text of an invitation: both are held to api/meetings/testdata/recurrence.json.
 */
export function recurrenceWords(
  t: TFunction<'meetings'>,
  locale: string,
  rule: string,
  series: SeriesStart,
): string {
  const parts = ruleParts(rule)
  const words = frequencyWords(t, locale, parts, series) ?? t('repeat.own')
  const count = Number(parts.get('COUNT') ?? 0)
  const until = untilOf(parts.get('UNTIL'))
  if (until) return t('repeat.until', { words, date: fullDate(until, locale, series.timeZone) })
  if (count === 1) return t('repeat.once', { words })
  return count > 1 ? t('repeat.times', { words, count }) : words
}

function frequencyWords(
  t: TFunction<'meetings'>,
  locale: string,
  parts: ReadonlyMap<string, string>,
  { start, timeZone }: SeriesStart,
): string | undefined {
  if (parts.has('BYSETPOS') || parts.has('BYMONTH')) return undefined
  const count = Number(parts.get('INTERVAL') ?? 1)
  const [days, monthDays] = [parts.get('BYDAY'), parts.get('BYMONTHDAY')]
  switch (parts.get('FREQ')) {
    case 'DAILY':
      if (days) return undefined
      return count === 1 ? t('repeat.daily') : t('repeat.everyDays', { count })
    case 'WEEKLY': {
      if (count === 1 && isWorkingWeek(days)) return t('repeat.weekdays')
      const names = listNames(dayNames(days, locale) ?? [weekdayName(start, locale, timeZone)], locale)
      return count === 1
        ? t('repeat.weekly', { days: names })
        : t('repeat.everyWeeks', { count, days: names })
    }
    case 'MONTHLY': {
      const day = dayOfMonth(t, locale, days, monthDays, { start, timeZone })
      if (!day) return undefined
      return spaced(count === 1 ? t('repeat.monthly', { day }) : t('repeat.everyMonths', { count, day }))
    }
    case 'YEARLY':
      if (count !== 1 || days || monthDays) return undefined
      return spaced(t('repeat.yearly', { date: fullDate(start, locale, timeZone, false) }))
    default:
      return undefined
  }
}

function isWorkingWeek(days: string | undefined): boolean {
  return days?.split(',').sort().join() === 'FR,MO,TH,TU,WE'
}

function dayNames(days: string | undefined, locale: string): string[] | undefined {
  return days
    ?.split(',')
    .map((day) => week.indexOf(day as (typeof week)[number]))
    .sort((a, b) => a - b)
    .map((day) => weekdayName(new Date(monday + day * 86_400_000), locale, 'UTC'))
}

/** Undefined when the rule has several days, or one that is seldom used. */
function dayOfMonth(
  t: TFunction<'meetings'>,
  locale: string,
  days: string | undefined,
  monthDays: string | undefined,
  { start, timeZone }: SeriesStart,
): string | undefined {
  if (days && monthDays) return undefined
  if (days) {
    const [, nth, name] = /^\+?(-?\d)([A-Z]{2})$/.exec(days) ?? []
    const ordinal = ordinals.find((known) => known === nth)
    const [weekday] = dayNames(name, locale) ?? []
    return ordinal && weekday ? t('repeat.nth', { nth: t(`repeat.ordinal.${ordinal}`), weekday }) : undefined
  }
  if (monthDays === '-1') return t('repeat.lastDay')
  const day = monthDays ?? new Intl.DateTimeFormat('en', { day: 'numeric', timeZone }).format(start)
  return /^\d+$/.test(day) ? t('repeat.day', { day }) : undefined
}
