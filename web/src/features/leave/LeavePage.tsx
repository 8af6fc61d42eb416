import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallPhase } from '@/core/meeting/state'
import { Button } from '@/ui/Button'
import { errorText } from '@/ui/errorText'
import { Icon } from '@/ui/Icon'
import { Logo } from '@/ui/Logo'
import { usePageTitle } from '@/ui/usePage'
import styles from './LeavePage.module.css'
import { iconOf, joinedText, type LeaveReason, mayRejoin } from './leaving'

interface LeavePageProps {
  end: Extract<CallPhase, { phase: 'ended' }>
  title: string
  member: boolean
  /** Addresses of what remains; absent for those who may not see it. */
  chatHref?: string
  attendanceHref?: string
  boards?: ReadonlyArray<{ href: string; title: string }>
  onRejoin: () => void
  onHome: () => void
}

/** After a meeting: why one is out, what remains, and the way back. */
export function LeavePage({
  end,
  title,
  member,
  chatHref,
  attendanceHref,
  boards = [],
  onRejoin,
  onHome,
}: LeavePageProps) {
  const { t, i18n } = useTranslation('leave')
  const heading = useRef<HTMLHeadingElement>(null)
  usePageTitle(title)
  useEffect(() => heading.current?.focus(), [])
  const reason: LeaveReason = end.reason
  const code = reason === 'error' || reason === 'protocol' ? (end.code ?? 'internal') : null
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <Logo />
        <b>{t('product')}</b>
      </header>
      <main className={styles.main}>
        <div className={styles.pic} data-bad={code !== null || undefined}>
          <Icon name={iconOf(reason)} size={24} />
        </div>
        <h1 ref={heading} tabIndex={-1}>
          {t(`title.${reason}`)}
        </h1>
        <p>{code ? errorText({ code }) : t(`detail.${reason}`)}</p>
        {title && (
          <dl className={styles.facts}>
            <div>
              <dt>{t('meeting')}</dt>
              <dd>{title}</dd>
            </div>
            {end.joinedMs > 0 && (
              <div>
                <dt>{t('joined')}</dt>
                <dd>{joinedText(end.joinedMs, i18n.language)}</dd>
              </div>
            )}
          </dl>
        )}
        {(chatHref || attendanceHref || boards.length > 0) && (
          <nav className={styles.remains} aria-label={t('remains')}>
            {chatHref && <Remaining icon="chat" href={chatHref} label={t('chat')} detail={t('chatDetail')} />}
            {boards.map(({ href, title: name }) => (
              <Remaining key={href} icon="board" href={href} label={name} detail={t('boardDetail')} />
            ))}
            {attendanceHref && (
              <Remaining
                icon="download"
                href={attendanceHref}
                label={t('attendance')}
                detail={t('attendanceDetail')}
                download
              />
            )}
          </nav>
        )}
        <div className={styles.two}>
          {mayRejoin(reason) && (
            <Button look={reason === 'left' && member ? 'line' : 'primary'} onClick={onRejoin}>
              {reason === 'refused' || reason === 'removed' ? t('askAgain') : t('rejoin')}
            </Button>
          )}
          {member && (
            <Button look={mayRejoin(reason) && reason !== 'left' ? 'line' : 'primary'} onClick={onHome}>
              {t('home')}
            </Button>
          )}
        </div>
      </main>
    </div>
  )
}

interface RemainingProps {
  icon: 'board' | 'chat' | 'download'
  href: string
  label: string
  detail: string
  download?: boolean
}

function Remaining({ icon, href, label, detail, download }: RemainingProps) {
  return (
    <a className={styles.link} href={href} download={download || undefined}>
      <Icon name={icon} />
      <span>
        {label}
        <small>{detail}</small>
      </span>
      <Icon name="right" size={16} />
    </a>
  )
}
