/** Pure formatting of times and names. Locales are those of the interface; times are shown in the reader's zone. */

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

type Zone = string | undefined

function memoized<T>(make: (locale: string, options: Intl.DateTimeFormatOptions) => T) {
  const known = new Map<string, T>()
  return (locale: string, options: Intl.DateTimeFormatOptions): T => {
    const key = `${locale} ${JSON.stringify(options)}`
    const found = known.get(key) ?? make(locale, options)
    known.set(key, found)
    return found
  }
}

const dateFormat = memoized((locale, options) => new Intl.DateTimeFormat(locale, options))

/** 14:05 */
export function clock(time: Date, locale: string, timeZone?: Zone): string {
  return dateFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(time)
}

const isChinese = (locale: string) => locale.startsWith('zh')

/** Puts the space between Chinese characters and figures that Chinese typography wants: 3 月 3 日. */
export function spaced(text: string): string {
  return text.replace(/(?<=\d)(?=\p{Script=Han})|(?<=\p{Script=Han})(?=\d)/gu, ' ')
}

/** The words with a capital letter, as they stand at the beginning. */
export function sentence(words: string, locale: string): string {
  return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1)
}

/** 3 March 2027 */
export function fullDate(time: Date, locale: string, timeZone?: Zone, withYear = true): string {
  const format = dateFormat(isChinese(locale) ? locale : 'en-GB', {
    ...(withYear ? { year: 'numeric' } : {}),
    month: 'long',
    day: 'numeric',
    timeZone,
  })
  return spaced(format.format(time))
}

/** Tuesday, 周二 */
export function weekdayName(time: Date, locale: string, timeZone?: Zone): string {
  return dateFormat(locale, { weekday: isChinese(locale) ? 'short' : 'long', timeZone }).format(time)
}

/** Number of the calendar day, so that days can be told apart and counted. */
function calendarDay(time: Date, timeZone?: Zone): number {
  const parts = dateFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone }).format(
    time,
  )
  return Date.parse(`${parts}T00:00:00Z`) / day
}

function calendarYear(time: Date, timeZone?: Zone): string {
  return dateFormat('en', { year: 'numeric', timeZone }).format(time)
}

/** Today, tomorrow, Fri 27 Nov, 3 March 2027: the day as it is said from `now`. */
export function dayName(time: Date, now: Date, locale: string, timeZone?: Zone): string {
  return sentence(dayWords(time, now, locale, timeZone), locale)
}

/** The same within a sentence: tomorrow. */
function dayWords(time: Date, now: Date, locale: string, timeZone?: Zone): string {
  const apart = calendarDay(time, timeZone) - calendarDay(now, timeZone)
  if (Math.abs(apart) <= 1) {
    return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(apart, 'day')
  }
  const sameYear = calendarYear(time, timeZone) === calendarYear(now, timeZone)
  const format = dateFormat(locale, {
    month: sameYear && isChinese(locale) ? 'long' : 'short',
    day: 'numeric',
    timeZone,
    ...(sameYear ? { weekday: 'short' } : { year: 'numeric' }),
  })
  return spaced(format.format(time))
}

/** Today 14:00, Fri 27 Nov 14:00 */
export function dayAndClock(time: Date, now: Date, locale: string, timeZone?: Zone): string {
  return `${dayName(time, now, locale, timeZone)} ${clock(time, locale, timeZone)}`
}

/** The whole time, for those who ask: Friday 20 November 2026 at 14:00 GMT+8 */
export function exactTime(time: Date, locale: string, timeZone?: Zone): string {
  const format = dateFormat(locale, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    weekday: 'long',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    timeZone,
  })
  return spaced(format.format(time))
}

/** just now, 5 minutes ago, in 2 hours; beyond six hours the day and the clock: tomorrow 14:00. For within a sentence. */
export function relativeTime(time: Date, now: Date, locale: string, timeZone?: Zone): string {
  const apart = time.getTime() - now.getTime()
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  if (Math.abs(apart) < minute) return isChinese(locale) ? '刚刚' : 'just now'
  if (Math.abs(apart) < hour) return spaced(words.format(Math.trunc(apart / minute), 'minute'))
  if (Math.abs(apart) < 6 * hour) return spaced(words.format(Math.trunc(apart / hour), 'hour'))
  return `${dayWords(time, now, locale, timeZone)} ${clock(time, locale, timeZone)}`
}

/** 45 min, 1 h 30 min: in the locale's short units. */
export function duration(milliseconds: number, locale: string): string {
  const minutes = Math.max(1, Math.round(milliseconds / minute))
  const unit = (value: number, name: 'hour' | 'minute') => {
    const unitDisplay = isChinese(locale) ? 'long' : 'short'
    return spaced(new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay }).format(value))
  }
  const whole = Math.floor(minutes / 60)
  const rest = minutes % 60
  return [whole > 0 ? unit(whole, 'hour') : '', rest > 0 ? unit(rest, 'minute') : '']
    .filter(Boolean)
    .join(' ')
}

/** Names in the order of the locale; Chinese names by pinyin. */
export function byName<T extends { name: string }>(items: readonly T[], locale: string): T[] {
  const collator = new Intl.Collator(isChinese(locale) ? 'zh-u-co-pinyin' : locale, {
    sensitivity: 'base',
  })
  return [...items].sort((a, b) => collator.compare(a.name, b.name))
}

/** Ana Ruiz, Kenji Mori and Li Wei */
export function listNames(names: readonly string[], locale: string): string {
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(names)
}
