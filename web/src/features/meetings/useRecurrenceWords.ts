import { useTranslation } from 'react-i18next'
import { sentence } from '@/ui/format'
import { recurrenceWords } from './recurrenceWords'
import { sameDayIn } from './times'

const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** Says a rule, in the zone in which it is reckoned; the zone is named when its day is not the reader's. */
export function useRecurrenceWords() {
  const { t, i18n } = useTranslation('meetings')
  return (rule: string | undefined, start: Date, timeZone = here()): string => {
    if (!rule) return t('repeat.none')
    const words = sentence(recurrenceWords(t, i18n.language, rule, { start, timeZone }), i18n.language)
    return sameDayIn(timeZone, start) ? words : t('repeat.inZone', { words, zone: timeZone })
  }
}
