import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Avatar } from '@/ui/Avatar'
import { relativeTime } from '@/ui/format'
import { Icon } from '@/ui/Icon'
import { IconButton } from '@/ui/stage/IconButton'
import { useStore } from '@/ui/useStore'
import styles from './PeoplePanel.module.css'
import type { PeopleCall } from './peopleCall'

/** Raised hands in the order in which they went up. */
export function HandsBlock({ call }: { call: PeopleCall }) {
  const { t, i18n } = useTranslation('people')
  const hands = useStore(call, (snapshot) => snapshot.hands)
  const participants = useStore(call, (snapshot) => snapshot.participants)
  const moderate = useStore(call, (snapshot) => snapshot.permissions.moderate)
  const offset = useStore(call, (snapshot) => snapshot.serverOffsetMs)
  const now = useNow()
  if (hands.length === 0) return null
  return (
    <section aria-label={t('handsLabel')}>
      <div className={styles.section}>
        <h3>{t('hands', { hands: hands.length })}</h3>
        {moderate && (
          <button type="button" onClick={() => call.lowerHand()}>
            {t('lowerAll')}
          </button>
        )}
      </div>
      <ol className={styles.list}>
        {hands.map((hand, index) => {
          const one = participants.find((participant) => participant.id === hand.participantId)
          if (!one) return null
          return (
            <li key={one.id} className={styles.row}>
              <span className={styles.place}>{index + 1}</span>
              <Avatar name={one.name} id={one.userId ?? one.id} url={one.avatarUrl} size={32} />
              <span className={styles.text}>
                <span>{one.isSelf ? t('you', { name: one.name }) : one.name}</span>
                <small>{relativeTime(new Date(hand.at - offset), now, i18n.language)}</small>
              </span>
              {moderate && !one.isSelf && (
                <IconButton
                  label={t('askName', { name: one.name })}
                  onClick={() => call.askUnmute(one.id, 'microphone')}
                >
                  <Icon name="mic" size={20} />
                </IconButton>
              )}
            </li>
          )
        })}
      </ol>
    </section>
  )
}

function useNow(): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = window.setInterval(() => setNow(new Date()), 15_000)
    return () => window.clearInterval(timer)
  }, [])
  return now
}
