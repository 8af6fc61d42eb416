import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import type { Person } from '@/core/api/types'
import { Avatar } from '@/ui/Avatar'
import { Button, IconButton } from '@/ui/Button'
import { Confirm } from '@/ui/Confirm'
import { Icon } from '@/ui/Icon'
import { Menu } from '@/ui/Menu'
import { SearchField } from '@/ui/SearchField'
import { Empty, Loaded } from '@/ui/states'
import { toast } from '@/ui/Toast'
import { useAct } from '@/ui/useAct'
import { Head } from './Head'
import { peopleQuery, refreshPeople } from './queries'

const PersonDialog = lazy(async () => ({ default: (await import('./PersonDialog')).PersonDialog }))
const HandOverDialog = lazy(async () => ({ default: (await import('./HandOverDialog')).HandOverDialog }))
const LinkDialog = lazy(async () => ({ default: (await import('./LinkDialog')).LinkDialog }))

/** Everybody who has an account: role, departments, a way back in, or none. */
export function PeopleAdmin() {
  const { t } = useTranslation(['admin', 'common'])
  const [q, setQ] = useState('')
  const people = useInfiniteQuery({
    ...peopleQuery(useDeferredValue(q.trim())),
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <Head title={t('people.title')}>
        <Link className="btn primary" to="/admin/invitations">
          <Icon name="plus" size={16} />
          {t('people.invite')}
        </Link>
      </Head>
      <div className="ad-search">
        <SearchField label={t('people.search')} value={q} onChange={setQ} />
      </div>
      <Loaded query={people} failed={t('people.failed')} rows={6}>
        {({ pages }) => {
          const list = pages.flatMap(({ items }) => items)
          if (list.length === 0) {
            return (
              <Empty icon="search" title={t('people.none')}>
                {t('people.noneDetail')}
              </Empty>
            )
          }
          return (
            <ul className="ad-rows">
              {list.map((person) => (
                <PersonRow key={person.id} person={person} />
              ))}
            </ul>
          )
        }}
      </Loaded>
      {people.hasNextPage && (
        <div className="ad-more">
          <Button busy={people.isFetchingNextPage} onClick={() => void people.fetchNextPage()}>
            {t('common:action.loadMore')}
          </Button>
        </div>
      )}
    </>
  )
}

type Asking = 'edit' | 'disable' | 'handOver' | { link: string }

function PersonRow({ person }: { person: Person }) {
  const { t } = useTranslation(['admin', 'common'])
  const [asking, setAsking] = useState<Asking>()
  const close = () => setAsking(undefined)
  const acts = usePersonActs(person, setAsking)
  return (
    <li className={person.disabled ? 'off' : undefined}>
      <Avatar name={person.name} id={person.id} url={person.avatarUrl} size={40} />
      <span className="grow">
        <b>
          <span className="ellipsis">{person.name}</span>
          {person.role !== 'member' && <span className="tag brand">{t(`common:role.${person.role}`)}</span>}
          {person.disabled && <span className="tag warn">{t('people.disabled')}</span>}
        </b>
        <small className="ellipsis">{person.login}</small>
      </span>
      <span className="side ellipsis">{person.departments.map(({ name }) => name).join(' · ')}</span>
      <Menu
        label={t('people.acts', { name: person.name })}
        align="end"
        entries={[
          {
            kind: 'item',
            key: 'edit',
            label: t('people.edit'),
            icon: 'edit',
            onSelect: () => setAsking('edit'),
          },
          ...(person.disabled
            ? [
                {
                  kind: 'item',
                  key: 'enable',
                  label: t('people.enable'),
                  icon: 'check',
                  onSelect: acts.enable,
                } as const,
                {
                  kind: 'item',
                  key: 'handOver',
                  label: t('people.handOver'),
                  icon: 'board',
                  onSelect: () => setAsking('handOver'),
                } as const,
              ]
            : [
                {
                  kind: 'item',
                  key: 'reset',
                  label: t('people.reset'),
                  icon: 'key',
                  onSelect: acts.makeLink,
                } as const,
                {
                  kind: 'item',
                  key: 'disable',
                  label: t('people.disable'),
                  icon: 'lock',
                  bad: true,
                  onSelect: () => setAsking('disable'),
                } as const,
              ]),
        ]}
        button={(props) => (
          <IconButton icon="more" label={t('people.acts', { name: person.name })} {...props} />
        )}
      />
      <Suspense fallback={null}>
        {asking === 'edit' && <PersonDialog person={person} onClose={close} />}
        {asking === 'handOver' && <HandOverDialog person={person} onClose={close} />}
        {typeof asking === 'object' && (
          <LinkDialog
            title={t('people.resetTitle', { name: person.name })}
            detail={t('people.resetDetail')}
            url={asking.link}
            onClose={close}
          />
        )}
        {asking === 'disable' && (
          <Confirm
            title={t('people.disableTitle', { name: person.name })}
            act={t('people.disable')}
            onConfirm={acts.disable}
            onClose={close}
          >
            {t('people.disableDetail')}
          </Confirm>
        )}
      </Suspense>
    </li>
  )
}

function usePersonActs(person: Person, ask: (asking: Asking) => void) {
  const { t } = useTranslation(['admin', 'common'])
  const path = { id: person.id }
  const setDisabled = async (disabled: boolean) => {
    await send(api.PATCH('/users/{id}', { params: { path }, body: { disabled } }))
    await refreshPeople()
    toast.done(t(disabled ? 'people.disableDone' : 'people.enableDone', { name: person.name }))
  }
  const [enable] = useAct(() => setDisabled(false))
  const [makeLink] = useAct(async () => {
    const { url } = await send(api.POST('/users/{id}/password-link', { params: { path } }))
    ask({ link: url })
  })
  return { disable: () => setDisabled(true), enable: () => void enable(), makeLink: () => void makeLink() }
}
