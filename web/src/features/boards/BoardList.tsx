import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Me } from '@/core/api/types'
import { Button } from '@/ui/Button'
import { Empty, Failed } from '@/ui/states'
import { BoardCard } from './BoardCard'
import { NewBoard } from './NewBoard'
import { boardsQuery, type ListWish } from './queries'
import { TrashCard } from './TrashCard'

interface BoardListProps {
  me: Me
  wish: ListWish
}

/** Pictures of boards, the newest first; or what a search found. */
export function BoardList({ me, wish }: BoardListProps) {
  const { t } = useTranslation(['boards', 'common'])
  const list = useInfiniteQuery({ ...boardsQuery(wish), placeholderData: keepPreviousData })
  if (list.error && !list.data)
    return <Failed title={t('failed')} error={list.error} onRetry={() => void list.refetch()} />
  if (!list.data) return <Shapes />
  const boards = list.data.pages.flatMap(({ items }) => items)
  if (boards.length === 0)
    return wish.filter === 'recent' ? <NothingRecent me={me} /> : <Nothing wish={wish} />
  return (
    <>
      {wish.query && (
        <p className="bd-count" role="status">
          {list.hasNextPage ? t('hitsMore', { count: boards.length }) : t('hits', { count: boards.length })}
        </p>
      )}
      {wish.filter === 'trash' && <p className="bd-count">{t('trash.rule')}</p>}
      <ul className="bd-grid" aria-busy={list.isPlaceholderData || undefined}>
        {boards.map((board) => (
          <li key={board.id}>
            {board.deletedAt ? (
              <TrashCard board={board} deletedAt={board.deletedAt} />
            ) : (
              <BoardCard board={board} me={me} query={wish.query ?? ''} />
            )}
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <div className="bd-more">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t('common:action.loadMore')}
          </Button>
        </div>
      )}
    </>
  )
}

/** The shape of the list while it loads; seen only when that takes longer than 300 ms. */
function Shapes() {
  const { t } = useTranslation()
  return (
    <div className="bd-grid bd-sk" role="status" aria-busy="true" aria-label={t('state.loading')}>
      {['a', 'b', 'c', 'd', 'e', 'f'].map((key) => (
        <div key={key}>
          <i />
          <i />
          <i />
        </div>
      ))}
    </div>
  )
}

/** Who has opened nothing yet is shown what could be opened. */
function NothingRecent({ me }: { me: Me }) {
  const { t } = useTranslation('boards')
  const any = useInfiniteQuery(boardsQuery({ filter: 'all' }))
  if (any.isPending) return <Shapes />
  if (!any.data?.pages[0]?.items.length) return <Nothing wish={{ filter: 'recent' }} />
  return (
    <>
      <p className="bd-count">{t('empty.recentOthers')}</p>
      <BoardList me={me} wish={{ filter: 'all' }} />
    </>
  )
}

/** Says what to do first. */
function Nothing({ wish }: { wish: ListWish }) {
  const { t } = useTranslation('boards')
  if (wish.query) {
    return (
      <Empty icon="search" title={t('empty.search', { query: wish.query })}>
        {t('empty.searchDetail')}
      </Empty>
    )
  }
  const view = wish.filter === 'all' ? 'recent' : wish.filter
  const begins = view === 'recent' || view === 'mine' || view === 'department'
  return (
    <Empty
      icon={view === 'trash' ? 'trash' : view === 'shared' ? 'people' : 'board'}
      title={t(`empty.${view}`)}
      actions={begins && <NewBoard departmentId={wish.departmentId} apart />}
    >
      {t(`empty.${view}Detail`)}
    </Empty>
  )
}
