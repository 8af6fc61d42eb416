import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Department, Person } from '@/core/api/types'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { pathOf } from '@/ui/departmentTree'
import { SearchField } from '@/ui/SearchField'
import { Empty, Loaded } from '@/ui/states'
import { usePageTitle } from '@/ui/usePage'
import { DepartmentTree } from './DepartmentTree'
import { PersonCard } from './PersonCard'
import { departmentsQuery, peopleQuery } from './queries'
import './directory.css'

/** Who is in the company: by department, by name, and one person's card. */
export function DirectoryPage() {
  const { t } = useTranslation('directory')
  usePageTitle(t('title'))
  const navigate = useNavigate()
  const { department, person } = useSearch({ from: '/app/directory' })
  const [q, setQ] = useState('')
  const [treeOpen, setTreeOpen] = useState(false)
  const departments = useQuery(departmentsQuery)
  const people = useInfiniteQuery({
    ...peopleQuery(useDeferredValue(q.trim()), department),
    placeholderData: keepPreviousData,
  })
  const list = people.data?.pages.flatMap(({ items }) => items) ?? []
  const go = (search: { department?: string | undefined; person?: string | undefined }) =>
    void navigate({
      to: '/directory',
      search: definedOnly(search),
      replace: search.person !== undefined && person !== undefined,
    })
  return (
    <div className="dir" data-tree={treeOpen} data-card={person !== undefined}>
      <nav className="dir-tree" aria-label={t('departments')}>
        <h1 data-page-heading tabIndex={-1}>
          {t('title')}
        </h1>
        <div className="scroll">
          <DepartmentTree
            query={departments}
            openId={department}
            onOpen={(id) => {
              setTreeOpen(false)
              go({ department: id })
            }}
          />
        </div>
      </nav>
      <section className="dir-list" aria-label={t('people')}>
        <div className="dir-head">
          <h1 data-page-heading tabIndex={-1}>
            {t('title')}
          </h1>
          <SearchField label={t('search')} value={q} onChange={setQ} />
        </div>
        <div className="dir-where">
          <span className="ellipsis">{whereText(departments.data, department) ?? t('everyone')}</span>
          <Button look="text" icon="folder" onClick={() => setTreeOpen(true)}>
            {t('departments')}
          </Button>
        </div>
        <div className="dir-people">
          <Loaded query={people} failed={t('failed')} rows={6}>
            {() =>
              list.length === 0 ? (
                <Nobody searching={q.trim() !== ''} />
              ) : (
                <>
                  <ul>
                    {list.map((item) => (
                      <li key={item.id}>
                        <PersonRow
                          person={item}
                          open={item.id === person}
                          onOpen={() => go({ department, person: item.id })}
                        />
                      </li>
                    ))}
                  </ul>
                  {people.hasNextPage && (
                    <div className="dir-more">
                      <MoreButton
                        busy={people.isFetchingNextPage}
                        onClick={() => void people.fetchNextPage()}
                      />
                    </div>
                  )}
                </>
              )
            }
          </Loaded>
        </div>
      </section>
      <PersonCard person={list.find(({ id }) => id === person)} onClose={() => go({ department })} />
    </div>
  )
}

function definedOnly(search: { department?: string | undefined; person?: string | undefined }) {
  return {
    ...(search.department ? { department: search.department } : {}),
    ...(search.person ? { person: search.person } : {}),
  }
}

function whereText(departments: Department[] | undefined, id: string | undefined): string | null {
  return departments && id ? pathOf(departments, id) || null : null
}

function PersonRow({ person, open, onOpen }: { person: Person; open: boolean; onOpen: () => void }) {
  const { t } = useTranslation(['directory', 'common'])
  return (
    <button type="button" className="dir-person" aria-current={open || undefined} onClick={onOpen}>
      <Avatar name={person.name} id={person.id} url={person.avatarUrl} size={40} />
      <span className="grow">
        <b className="ellipsis">{person.name}</b>
        <small className="ellipsis">{person.login}</small>
      </span>
      {person.disabled && <span className="tag warn">{t('disabled')}</span>}
      <span className="dep ellipsis">{person.departments.map(({ name }) => name).join(' · ')}</span>
    </button>
  )
}

function MoreButton({ busy, onClick }: { busy: boolean; onClick: () => void }) {
  const { t } = useTranslation()
  return (
    <Button busy={busy} onClick={onClick}>
      {t('action.loadMore')}
    </Button>
  )
}

function Nobody({ searching }: { searching: boolean }) {
  const { t } = useTranslation('directory')
  return searching ? (
    <Empty icon="search" title={t('nobody.found')}>
      {t('nobody.foundDetail')}
    </Empty>
  ) : (
    <Empty icon="people" title={t('nobody.here')}>
      {t('nobody.hereDetail')}
    </Empty>
  )
}
