import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dayAndClock, exactTime, relativeTime } from './format'

/** The present, told again every `milliseconds`. */
export function useNow(milliseconds = 30_000): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), milliseconds)
    return () => clearInterval(timer)
  }, [milliseconds])
  return now
}

interface TimeProps {
  at: string
  /** `day` always names the day and the clock. */
  style?: 'relative' | 'day'
  /** The sentence that the time is a part of. */
  words?: (time: string) => string
}

/** A time in words, with the exact time on hover. */
export function Time({ at, style = 'relative', words = (time) => time }: TimeProps) {
  const { i18n } = useTranslation()
  const now = useNow()
  const time = new Date(at)
  const text = (style === 'day' ? dayAndClock : relativeTime)(time, now, i18n.language)
  return (
    <time dateTime={at} title={exactTime(time, i18n.language)} className="num">
      {words(text)}
    </time>
  )
}
