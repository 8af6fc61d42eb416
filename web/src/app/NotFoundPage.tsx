import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Empty } from '@/ui/states'
import { usePageTitle } from '@/ui/usePage'

export function NotFoundPage() {
  const { t } = useTranslation()
  usePageTitle(t('notFound.title'))
  return (
    <main className="whole-page">
      <Empty
        icon="search"
        heading="h1"
        title={t('notFound.title')}
        actions={
          <Link className="btn primary" to="/meetings">
            {t('notFound.home')}
          </Link>
        }
      >
        {t('notFound.detail')}
      </Empty>
    </main>
  )
}
