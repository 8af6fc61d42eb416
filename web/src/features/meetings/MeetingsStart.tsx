import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon, type IconName } from '@/ui/Icon'
import { useStartMeeting } from './MeetingsPage'
import { ScheduleLazy } from './ScheduleLazy'

/** Beside the list while no meeting is open: what one can do here. */
export function MeetingsStart({ name }: { name: string }) {
  const { t } = useTranslation('meetings')
  const [scheduling, setScheduling] = useState(false)
  const start = useStartMeeting()
  return (
    <div className="mt-start">
      <div className="hello">
        <h2>{t('hello', { name })}</h2>
        <p>{t('helloDetail')}</p>
      </div>
      <div className="mt-acts">
        <Act
          icon="cam"
          main
          title={t('new.now')}
          detail={t('new.nowDetail')}
          busy={start.busy}
          onClick={start.run}
        />
        <Act
          icon="cal"
          title={t('new.later')}
          detail={t('new.laterDetail')}
          onClick={() => setScheduling(true)}
        />
        <Act icon="link" title={t('new.code')} detail={t('new.codeDetail')} onClick={focusCode} />
      </div>
      {scheduling && <ScheduleLazy onClose={() => setScheduling(false)} />}
    </div>
  )
}

interface ActProps {
  icon: IconName
  title: string
  detail: string
  main?: boolean
  busy?: boolean
  onClick: () => void
}

function Act({ icon, title, detail, main = false, busy = false, onClick }: ActProps) {
  return (
    <button
      type="button"
      className={main ? 'main' : undefined}
      aria-busy={busy || undefined}
      onClick={onClick}
    >
      <span className="pic">
        {busy ? <span className="spin" aria-hidden="true" /> : <Icon name={icon} />}
      </span>
      <b>{title}</b>
      <small>{detail}</small>
    </button>
  )
}

function focusCode() {
  document.querySelector<HTMLInputElement>('.mt-code input')?.focus()
}
