import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'

/** Names the page in the title of the window. */
export function usePageTitle(title: string | undefined): void {
  const { t } = useTranslation()
  const product = t('appName')
  useEffect(() => {
    document.title = title ? `${title} · ${product}` : product
  }, [title, product])
}
