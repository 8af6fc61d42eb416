import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/Button'
import { Icon } from '@/ui/Icon'
import { useStore } from '@/ui/useStore'
import { newVersion } from './version'

/** What concerns the whole page: no network, a newer server. */
export function Banners() {
  const { t } = useTranslation()
  const online = useOnline()
  const newer = useStore(newVersion)
  return (
    <div className="banners">
      {!online && (
        <div className="note warn" role="status">
          <Icon name="globe" />
          <span className="grow">
            {t('offline.title')}
            <small>{t('offline.detail')}</small>
          </span>
        </div>
      )}
      {newer && (
        <div className="note plain" role="status">
          <Icon name="info" />
          <span className="grow">
            {t('version.title')}
            <small>{t('version.detail')}</small>
          </span>
          <Button look="text" onClick={() => window.location.reload()}>
            {t('version.now')}
          </Button>
        </div>
      )}
    </div>
  )
}

function useOnline(): boolean {
  return useSyncExternalStore(
    (listener) => {
      window.addEventListener('online', listener)
      window.addEventListener('offline', listener)
      return () => {
        window.removeEventListener('online', listener)
        window.removeEventListener('offline', listener)
      }
    },
    () => navigator.onLine,
  )
}
