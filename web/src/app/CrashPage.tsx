import { useTranslation } from 'react-i18next'
import { ApiError } from '@/core/api/error'
import { Button } from '@/ui/Button'
import { Icon } from '@/ui/Icon'
import { Failed } from '@/ui/states'

/** Stands in for a page that could not be drawn. A part of it that is gone means that the server was updated. */
export function CrashPage({ error, reset }: { error: unknown; reset?: () => void }) {
  const { t } = useTranslation()
  if (error instanceof ApiError) {
    return (
      <div className="whole-page">
        <Failed title={t('crash.title')} error={error} onRetry={reset ?? reload} />
      </div>
    )
  }
  const updated = error instanceof TypeError && /import|module|preload/i.test(error.message)
  return (
    <div className="whole-page">
      <div className="say" role="alert">
        <div className="pic bad">
          <Icon name="info" size={24} />
        </div>
        <h1>{updated ? t('crash.update') : t('crash.title')}</h1>
        <p>{updated ? t('crash.updateDetail') : t('crash.detail')}</p>
        <div className="two">
          <Button look="primary" onClick={reload}>
            {t('action.reload')}
          </Button>
        </div>
      </div>
    </div>
  )
}

function reload() {
  window.location.reload()
}
