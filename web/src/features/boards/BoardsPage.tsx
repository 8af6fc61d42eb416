import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Me } from '@/core/api/types'
import { byName } from '@/ui/format'
import { Icon, type IconName } from '@/ui/Icon'
import { SearchField } from '@/ui/SearchField'
import { usePageTitle } from '@/ui/usePage'
import { BoardList } from './BoardList'
import { NewBoard } from './NewBoard'
import type { BoardFilter } from './queries'
import './boards.css'

export type BoardView = Exclude<BoardFilter, 'all'>

interface BoardsPageProps {
  me: Me
  view: BoardView
  departmentId: string | undefined
  /** What is searched for. */
  query: string
  onQuery: (query: string) => void
}

/** One's boards: places on the left (on a phone above), pictures of the boards beside them. */
export function BoardsPage({ me, view, departmentId, query, onQuery }: BoardsPageProps) {
  const { t } = useTranslation('boards')
  const [words, setWords] = useSettled(query, onQuery)
  usePageTitle(t('title'))
  return (
    <div className="bd">
      <header className="bd-head">
        <h1 data-page-heading tabIndex={-1}>
          {t('title')}
        </h1>
        <SearchField label={t('search')} value={words} onChange={setWords} />
        <NewBoard departmentId={view === 'department' ? departmentId : undefined} />
      </header>
      <Places me={me} view={query ? undefined : view} departmentId={departmentId} />
      <section className="bd-main" aria-label={query ? t('found') : t(`view.${view}`)}>
        <BoardList
          key={`${view} ${departmentId} ${query !== ''}`}
          me={me}
          wish={query ? { filter: 'all', query } : { filter: view, departmentId }}
        />
      </section>
    </div>
  )
}

/** What is being typed, told on when the typing rests. */
function useSettled(value: string, onChange: (value: string) => void) {
  const [text, setText] = useState(value)
  const told = useRef({ value, onChange })
  told.current.onChange = onChange
  useEffect(() => {
    if (told.current.value === value) return
    told.current.value = value
    setText(value)
  }, [value])
  useEffect(() => {
    const timer = setTimeout(() => {
      const next = text.trim()
      if (next === told.current.value) return
      told.current.value = next
      told.current.onChange(next)
    }, 250)
    return () => clearTimeout(timer)
  }, [text])
  return [text, setText] as const
}

/** The router marks a link by itself only where nothing else is open. */
const whole = { exact: true, includeSearch: true }

interface PlacesProps {
  me: Me
  view: BoardView | undefined
  departmentId: string | undefined
}

function Places({ me, view, departmentId }: PlacesProps) {
  const { t, i18n } = useTranslation('boards')
  const departments = byName(me.user.departments, i18n.language)
  const places = useRef<HTMLElement>(null)
  // On a phone the places stand in a row that is wider than the screen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another place is the current one
  useEffect(() => {
    places.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [view, departmentId])
  const place = (to: BoardView, icon: IconName, of?: { id: string; name: string }): ReactNode => (
    <Link
      key={of?.id ?? to}
      to="/boards"
      search={{ ...(to === 'recent' ? {} : { view: to }), ...(of ? { department: of.id } : {}) }}
      activeOptions={whole}
      aria-current={view === to && departmentId === of?.id ? 'page' : undefined}
      className={of ? 'sub' : undefined}
    >
      <Icon name={icon} size={16} />
      <span className="ellipsis">{of?.name ?? t(`view.${to}`)}</span>
    </Link>
  )
  return (
    <nav className="bd-places" aria-label={t('places')} ref={places}>
      {place('recent', 'clock')}
      {place('mine', 'user')}
      {place('shared', 'people')}
      {departments.length > 0 && place('department', 'folder')}
      {departments.length > 1 && departments.map((one) => place('department', 'folder', one))}
      <hr />
      {place('trash', 'trash')}
    </nav>
  )
}
