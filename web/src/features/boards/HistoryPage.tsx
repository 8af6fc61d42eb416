import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Board, BoardChange } from '@/core/api/types'
import { Button } from '@/ui/Button'
import { Icon } from '@/ui/Icon'
import { Empty, Failed, Loaded, Skeleton } from '@/ui/states'
import { toast } from '@/ui/Toast'
import { useAct } from '@/ui/useAct'
import { usePageTitle } from '@/ui/usePage'
import { BoardGone } from './BoardPage'
import { ChangeList } from './ChangeList'
import { HistorySlider } from './HistorySlider'
import { historyQuery, restoreState, stateQuery } from './historyQueries'
import { boardQuery, createBoard } from './queries'
import { rightsOn } from './rights'
import './boards.css'
import './history.css'

interface HistoryPageProps {
  id: string
  /** Draws a state of the document to look at; another feature's part, handed in by the page. */
  picture: (state: Uint8Array) => ReactNode
}

/** A board at any moment of its life: who changed it when, what it looked like, and the ways back. */
export function HistoryPage({ id, picture }: HistoryPageProps) {
  const { t } = useTranslation('boards')
  const board = useQuery(boardQuery(id))
  usePageTitle(board.data && t('history.titleOf', { title: board.data.title }))
  return (
    <Loaded query={board} failed={t('page.failed')} gone={<BoardGone />}>
      {(data) => <History board={data} picture={picture} />}
    </Loaded>
  )
}

function History({ board, picture }: { board: Board; picture: HistoryPageProps['picture'] }) {
  const { t } = useTranslation('boards')
  const history = useInfiniteQuery(historyQuery(board.id))
  const [chosen, setChosen] = useState<number>()
  const changes = history.data?.pages.flatMap(({ items }) => items) ?? []
  const change = changes.find(({ seq }) => seq === chosen) ?? changes[0]
  const older = history.hasNextPage ? () => void history.fetchNextPage() : undefined
  return (
    <div className="bh">
      <header className="bh-head">
        <Link
          className="ib"
          to="/boards/$boardId"
          params={{ boardId: board.id }}
          aria-label={t('history.back')}
          title={t('history.back')}
        >
          <Icon name="left" />
        </Link>
        <h1 data-page-heading tabIndex={-1} className="grow">
          <span className="ellipsis">{board.title}</span>
          <small>{t('history.act')}</small>
        </h1>
        {change && <Acts board={board} change={change} newest={changes[0]} />}
      </header>
      {history.error && !history.data ? (
        <Failed title={t('history.failed')} error={history.error} onRetry={() => void history.refetch()} />
      ) : !history.data ? (
        <Skeleton />
      ) : !change ? (
        <Empty icon="history" title={t('history.empty')}>
          {t('history.emptyDetail')}
        </Empty>
      ) : (
        <>
          <State boardId={board.id} seq={change.seq} picture={picture} />
          <HistorySlider changes={changes} seq={change.seq} onSeq={setChosen} onStart={older} />
          <ChangeList
            changes={changes}
            seq={change.seq}
            onSeq={setChosen}
            onOlder={older}
            busy={history.isFetchingNextPage}
          />
        </>
      )}
    </div>
  )
}

interface StateProps {
  boardId: string
  seq: number
  picture: HistoryPageProps['picture']
}

/** What the board looked like; the picture before it stays until the next one has come. */
function State({ boardId, seq, picture }: StateProps) {
  const { t } = useTranslation('boards')
  const settled = useSettled(seq)
  const state = useQuery({ ...stateQuery(boardId, settled), placeholderData: keepPreviousData })
  return (
    <section
      className="bh-state"
      aria-label={t('history.picture')}
      aria-busy={state.isPlaceholderData || seq !== settled}
    >
      {state.data ? (
        picture(state.data)
      ) : state.error ? (
        <Failed title={t('history.stateFailed')} error={state.error} onRetry={() => void state.refetch()} />
      ) : (
        <span className="spin lg" role="status" aria-label={t('history.loading')} />
      )}
    </section>
  )
}

/** The value once it has rested: while the slider moves, not every state it passes is fetched. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 120)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

interface ActsProps {
  board: Board
  change: BoardChange
  newest: BoardChange | undefined
}

/** Back to this state, or on from it with another board. */
function Acts({ board, change, newest }: ActsProps) {
  const { t } = useTranslation(['boards', 'common'])
  const navigate = useNavigate()
  const isNewest = change.seq === newest?.seq
  const [fork, forking] = useAct(async () => {
    const copy = await createBoard({ from: { boardId: board.id, seq: change.seq } })
    await navigate({ to: '/boards/$boardId', params: { boardId: copy.id } })
    toast.done(t('history.forked', { title: copy.title }))
  })
  const [restore, restoring] = useAct(async () => {
    await restoreState(board.id, change.seq)
    await navigate({ to: '/boards/$boardId', params: { boardId: board.id } })
    if (!newest) return
    toast.undoable(t('history.restored'), t('common:action.undo'), () => {
      restoreState(board.id, newest.seq).catch(toast.failed)
    })
  })
  return (
    <div className="bh-acts">
      <Button icon="copy" busy={forking} onClick={() => void fork()}>
        {t('history.fork')}
      </Button>
      {rightsOn(board).restore && (
        <Button
          look="primary"
          icon="undo"
          busy={restoring}
          disabled={isNewest}
          title={isNewest ? t('history.isNow') : undefined}
          onClick={() => void restore()}
        >
          {t('history.restore')}
        </Button>
      )}
    </div>
  )
}
