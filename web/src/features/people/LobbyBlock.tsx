import { useTranslation } from 'react-i18next'
import type { Waiting } from '@/core/meeting/wire'
import { Avatar } from '@/ui/Avatar'
import { Icon } from '@/ui/Icon'
import { IconButton } from '@/ui/stage/IconButton'
import { useStore } from '@/ui/useStore'
import styles from './PeoplePanel.module.css'
import type { PeopleCall } from './peopleCall'

/** Those who wait to be let in. */
export function LobbyBlock({ call }: { call: PeopleCall }) {
  const { t } = useTranslation('people')
  const lobby = useStore(call, (snapshot) => snapshot.lobby)
  if (lobby.length === 0) return null
  return (
    <section className={styles.lobby} aria-label={t('lobby')}>
      <div className={styles.section}>
        <h3>{t('waiting', { people: lobby.length })}</h3>
        {lobby.length > 1 && (
          <button type="button" onClick={() => call.admit('all')}>
            {t('admitAll')}
          </button>
        )}
      </div>
      <ul className={styles.list}>
        {lobby.map((one) => (
          <li key={one.id} className={styles.row}>
            <Avatar name={one.name} id={one.id} url={one.avatarUrl} size={32} />
            <span className={styles.text}>
              <span>{one.name}</span>
              <small>{detail(one)}</small>
            </span>
            <button
              type="button"
              className={styles.admit}
              aria-label={t('admitName', { name: one.name })}
              onClick={() => call.admit([one.id])}
            >
              {t('admit')}
            </button>
            <IconButton label={t('denyName', { name: one.name })} onClick={() => call.refuse([one.id])}>
              <Icon name="x" size={20} />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  )

  function detail(one: Waiting): string {
    if (one.kind) return t(`kind.${one.kind}`)
    if (one.guest) return t('role.guest')
    return one.department || t('member')
  }
}
