import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Avatar } from '@/ui/Avatar'
import { dayAndClock, duration, listNames, relativeTime } from '@/ui/format'
import styles from './PreJoin.module.css'
import type { MeetingPreview } from './preview'

/** Title, since when and by whom, and who is there. */
export function MeetingFacts({ preview, phone }: { preview: MeetingPreview; phone: boolean }) {
  const { t } = useTranslation('prejoin')
  return (
    <>
      <h1>{preview.title || t('untitled')}</h1>
      <When preview={preview} phone={phone} />
      {!phone && <There preview={preview} />}
    </>
  )
}

function When({ preview, phone }: { preview: MeetingPreview; phone: boolean }) {
  const { t, i18n } = useTranslation('prejoin')
  const now = useNow()
  const host = preview.host.name
  const people =
    phone && preview.participantCount > 0 ? t('peopleThere', { count: preview.participantCount }) : ''
  return <p className={styles.when}>{[time(), people].filter(Boolean).join(t('separator'))}</p>

  function time() {
    if (preview.status === 'running' && preview.startedAt) {
      const started = new Date(preview.startedAt)
      if (now.getTime() - started.getTime() < 60_000) return t('when.justStarted', { host })
      return t('when.started', { ago: relativeTime(started, now, i18n.language), host })
    }
    if (!preview.startsAt) return t('when.hosted', { host })
    const starts = new Date(preview.startsAt)
    const left = starts.getTime() - now.getTime()
    if (left <= 0 && preview.status === 'scheduled') return t('when.due', { host })
    if (left > 0 && left < 3_600_000) return t('when.soon', { left: duration(left, i18n.language), host })
    return t('when.later', { time: dayAndClock(starts, now, i18n.language), host })
  }
}

function There({ preview }: { preview: MeetingPreview }) {
  const { t, i18n } = useTranslation('prejoin')
  const { participants, participantCount } = preview
  if (participantCount === 0) {
    const alone = preview.status === 'running' && preview.signedIn
    return alone ? <p className={styles.there}>{t('nobodyThere')}</p> : null
  }
  if (participants.length === 0)
    return <p className={styles.there}>{t('peopleThere', { count: participantCount })}</p>
  const named = participants.slice(0, participantCount > 3 ? 2 : 3).map((one) => one.name)
  const others = participantCount - named.length
  return (
    <div className={styles.there}>
      <span className="stack" aria-hidden="true">
        {participants.slice(0, 3).map((one) => (
          <Avatar key={one.name} name={one.name} url={one.avatarUrl} size={32} />
        ))}
      </span>
      <span>
        {others > 0
          ? t('thereOthers', { names: named.join(t('comma')), count: others })
          : t('there', { names: listNames(named, i18n.language), count: named.length })}
      </span>
    </div>
  )
}

function useNow(): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = window.setInterval(() => setNow(new Date()), 10_000)
    return () => window.clearInterval(timer)
  }, [])
  return now
}
