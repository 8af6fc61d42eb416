import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/Button'
import { errorText } from '@/ui/errorText'
import { Icon } from '@/ui/Icon'
import styles from './PreJoin.module.css'

interface ClosedPageProps {
  why: 'ended' | 'cancelled' | 'membersOnly'
  title: string
  signInHref: string
  /** Absent for visitors, who have no meetings to go back to. */
  onHome: (() => void) | null
}

/** A link that leads nowhere now, and what to do instead. */
export function ClosedPage({ why, title, signInHref, onHome }: ClosedPageProps) {
  const { t } = useTranslation('prejoin')
  return (
    <main className={styles.say}>
      <div className="say">
        <div className="pic">
          <Icon name={why === 'membersOnly' ? 'lock' : 'cal'} size={24} />
        </div>
        <h1>{t(`closed.${why}`)}</h1>
        <p>{title ? t(`closed.${why}Titled`, { title }) : t(`closed.${why}Detail`)}</p>
        <div className="two">
          {why === 'membersOnly' && (
            <a className="btn primary" href={signInHref}>
              {t('signIn')}
            </a>
          )}
          {onHome && (
            <Button look="primary" onClick={onHome}>
              {t('toMeetings')}
            </Button>
          )}
        </div>
      </div>
    </main>
  )
}

interface FailedPageProps {
  notFound: boolean
  error: unknown
  onRetry: () => void
  onHome: () => void
}

export function FailedPage({ notFound, error, onRetry, onHome }: FailedPageProps) {
  const { t } = useTranslation('prejoin')
  return (
    <main className={styles.say}>
      <div className="say" role="alert">
        <div className={notFound ? 'pic' : 'pic bad'}>
          <Icon name={notFound ? 'link' : 'info'} size={24} />
        </div>
        <h1>{notFound ? t('closed.notFound') : t('closed.failed')}</h1>
        <p>{notFound ? t('closed.notFoundDetail') : errorText(error)}</p>
        <div className="two">
          {!notFound && (
            <Button look="primary" onClick={onRetry}>
              {t('help.again')}
            </Button>
          )}
          <Button look={notFound ? 'primary' : 'line'} onClick={onHome}>
            {t('toMeetings')}
          </Button>
        </div>
      </div>
    </main>
  )
}
