import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import type { Person, User } from '@/core/api/types'
import { Avatar } from '@/ui/Avatar'
import { PlainPage } from '@/ui/PlainPage'
import { toast } from '@/ui/Toast'
import { usePageTitle } from '@/ui/usePage'
import './demo.css'

interface DemoPageProps {
  people: Person[]
  onSignedIn: (user: User) => Promise<void>
}

/** The sample company: one click and one is somebody in it. */
export function DemoPage({ people, onSignedIn }: DemoPageProps) {
  const { t } = useTranslation(['demo', 'common'])
  usePageTitle(t('title'))
  const [entering, setEntering] = useState<string>()
  const enter = async (userId: string) => {
    setEntering(userId)
    try {
      const { user } = await send(api.POST('/demo/sessions', { body: { userId } }))
      await onSignedIn(user)
    } catch (error) {
      toast.failed(error)
    } finally {
      setEntering(undefined)
    }
  }
  return (
    <PlainPage>
      <div className="demo">
        <h1>{t('title')}</h1>
        <p>{t('detail')}</p>
        <ul>
          {people.map((person) => (
            <li key={person.id}>
              <button type="button" disabled={entering !== undefined} onClick={() => void enter(person.id)}>
                <Avatar name={person.name} id={person.id} url={person.avatarUrl} size={44} />
                <span className="grow">
                  <b>{person.name}</b>
                  <small>
                    {person.departments.map(({ name }) => name).join(' / ') ||
                      t(`common:role.${person.role}`)}
                  </small>
                </span>
                {person.role !== 'member' && <span className="tag">{t(`common:role.${person.role}`)}</span>}
                {entering === person.id && <span className="spin" aria-hidden="true" />}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </PlainPage>
  )
}
