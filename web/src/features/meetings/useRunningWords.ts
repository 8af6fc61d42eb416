import { useTranslation } from 'react-i18next'

/** Says that a meeting is in progress, and how many are there. */
export function useRunningWords() {
  const { t } = useTranslation(['meetings', 'common'])
  return (count: number): string =>
    count === 0 ? t('runningEmpty') : t('running', { people: t('common:count.people', { count }) })
}
