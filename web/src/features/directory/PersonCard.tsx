import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Person } from '@/core/api/types'
import { Avatar } from '@/ui/Avatar'
import { Button, IconButton } from '@/ui/Button'
import { Icon } from '@/ui/Icon'
import { useAct } from '@/ui/useAct'
import { meetWith } from './queries'

/** One person: where they belong, how to reach them, and meeting them now. */
export function PersonCard({ person, onClose }: { person: Person | undefined; onClose: () => void }) {
  const { t } = useTranslation(['directory', 'common'])
  if (!person) {
    return (
      <aside className="card" aria-label={t('card')}>
        <div className="card-none">
          <Icon name="card" size={24} />
          {t('choose')}
        </div>
      </aside>
    )
  }
  return (
    <aside className="card" aria-label={t('card')}>
      <IconButton className="card-close" icon="left" label={t('common:action.back')} onClick={onClose} />
      <div className="top">
        <Avatar name={person.name} id={person.id} url={person.avatarUrl} size={72} />
        <h1>{person.name}</h1>
        <span className="muted">{person.departments.map(({ name }) => name).join(' · ')}</span>
      </div>
      {!person.disabled && <MeetButton person={person} />}
      <dl>
        <div>
          <dt>{t('login')}</dt>
          <dd>{person.login}</dd>
        </div>
        {person.email && person.email !== person.login && (
          <div>
            <dt>{t('email')}</dt>
            <dd>
              <a href={`mailto:${person.email}`}>{person.email}</a>
            </dd>
          </div>
        )}
        <div>
          <dt>{t('role')}</dt>
          <dd>{t(`common:role.${person.role}`)}</dd>
        </div>
      </dl>
    </aside>
  )
}

function MeetButton({ person }: { person: Person }) {
  const { t } = useTranslation('directory')
  const navigate = useNavigate()
  const [meet, busy] = useAct(async () => {
    await navigate({ to: '/m/$code', params: { code: await meetWith(person.id) } })
  })
  return (
    <Button look="primary" icon="cam" block busy={busy} onClick={() => void meet()}>
      {t('meet')}
    </Button>
  )
}
