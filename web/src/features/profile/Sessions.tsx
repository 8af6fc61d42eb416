import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'
import type { Session } from '@/core/api/types'
import { Button } from '@/ui/Button'
import { Icon } from '@/ui/Icon'
import { Loaded } from '@/ui/states'
import { Time } from '@/ui/Time'
import { useAct } from '@/ui/useAct'
import { sessionsQuery } from './queries'

/** Where one is signed in; what is not known any more can be signed out from here. */
export function Sessions() {
  const { t } = useTranslation('profile')
  const sessions = useQuery(sessionsQuery)
  return (
    <section className="pr-part">
      <h2>{t('sessions.title')}</h2>
      <p className="lead">{t('sessions.detail')}</p>
      <Loaded query={sessions} failed={t('sessions.failed')} rows={2}>
        {(list) => (
          <ul className="rows">
            {list.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  )
}

function SessionRow({ session }: { session: Session }) {
  const { t } = useTranslation(['profile', 'common'])
  const [revoke, busy] = useAct(async () => {
    await send(api.DELETE('/sessions/{id}', { params: { path: { id: session.id } } }))
    await queryClient.invalidateQueries(sessionsQuery)
  })
  return (
    <li>
      <Icon name="screen" />
      <span className="grow">
        <span className="line-1">
          {session.device || t('sessions.unknown')}
          {session.current && <span className="tag ok">{t('sessions.current')}</span>}
        </span>
        <small>
          {session.address} · <Time at={session.lastSeenAt} />
        </small>
      </span>
      {!session.current && (
        <Button size="sm" busy={busy} onClick={() => void revoke()}>
          {t('common:shell.signOut')}
        </Button>
      )}
    </li>
  )
}
