import { useTranslation } from 'react-i18next'
import { dayName } from '@/ui/format'
import { type Frequency, fromRRule } from './recurrence'

/** Recurrence in words: "every week on Friday, 10 times". */
export function useRecurrenceWords() {
  const { t, i18n } = useTranslation('meetings')
  const frequencyWords = (frequency: Frequency, start: Date): string => {
    switch (frequency) {
      case 'none':
      case 'daily':
      case 'weekdays':
        return t(`repeat.${frequency}`)
      case 'weekly':
        return t('repeat.weekly', {
          day: new Intl.DateTimeFormat(i18n.language, { weekday: 'long' }).format(start),
        })
      case 'monthly':
        return t('repeat.monthly', { day: start.getDate() })
    }
  }
  const ruleWords = (rule: string | null | undefined, start: Date): string => {
    const recurrence = fromRRule(rule)
    if (!recurrence) return t('repeat.other')
    const words = frequencyWords(recurrence.frequency, start)
    switch (recurrence.end.kind) {
      case 'never':
        return words
      case 'on':
        return t('repeat.until', { words, date: dayName(recurrence.end.date, new Date(), i18n.language) })
      case 'after':
        return t('repeat.times', { words, count: recurrence.end.count })
    }
  }
  return { frequencyWords, ruleWords }
}
