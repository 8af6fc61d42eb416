import { useTranslation } from 'react-i18next'
import type { BoardChange } from '@/core/api/types'
import { listNames } from '@/ui/format'

const named = 3

/** Who made a change, in words: Ana Ruiz, Kenji Mori, and 2 others. */
export function useAuthorWords(): (change: BoardChange) => string {
  const { t, i18n } = useTranslation('boards')
  return ({ authors }) => {
    const names = authors.map(({ name }) => name || t('history.guest'))
    if (names.length === 0) return t('history.unknown')
    if (names.length <= named) return listNames(names, i18n.language)
    const others = t('history.others', { count: names.length - named + 1 })
    return listNames([...names.slice(0, named - 1), others], i18n.language)
  }
}
