import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { isApiError } from '@/core/api/error'
import { Button } from '@/ui/Button'
import { Icon } from '@/ui/Icon'
import { Failed } from '@/ui/states'

/** Stands in for a page that could not be drawn. A part of it that is gone means that the server was updated. */
export function CrashPage({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const router = useRouter()
  const retry = () => void router.invalidate()
  if (isApiError(error)) {
    return (
      <main className="whole-page">
        {isApiError(error, 'offline') && <RetryWhenOnline retry={retry} />}
        <Failed title={t('crash.unreachable')} error={error} onRetry={retry} />
      </main>
    )
  }
  const updated = error instanceof TypeError && /import|module|preload/i.test(error.message)
  return (
    <main className="whole-page">
      <div className="say" role="alert">
        <div className="pic bad">
          <Icon name="info" size={24} />
        </div>
        <h1>{updated ? t('crash.update') : t('crash.title')}</h1>
        <p>{updated ? t('crash.updateDetail') : t('crash.detail')}</p>
        <div className="two">
          <Button look="primary" onClick={() => window.location.reload()}>
            {t('action.reload')}
          </Button>
        </div>
      </div>
    </main>
  )
}

function RetryWhenOnline({ retry }: { retry: () => void }) {
  useEffect(() => {
    window.addEventListener('online', retry)
    return () => window.removeEventListener('online', retry)
  }, [retry])
  return null
}
