import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/Button'
import { SearchField } from '@/ui/SearchField'
import { Dialog } from '@/ui/stage/Dialog'
import { Empty, Loaded } from '@/ui/states'
import { Time } from '@/ui/Time'
import { BoardThumbnail, Marked } from './BoardCard'
import { boardsQuery } from './queries'
import { atLeast } from './rights'
import './boards.css'

interface BoardPickerProps {
  onPick: (boardId: string) => void
  onClose: () => void
}

/** Chooses one of the boards that one may draw on, to open it in a meeting. */
export function BoardPicker({ onPick, onClose }: BoardPickerProps) {
  const { t } = useTranslation(['boards', 'common'])
  const [words, setWords] = useState('')
  const query = useDeferredValue(words.trim())
  const list = useInfiniteQuery({
    ...boardsQuery({ filter: 'all', query }),
    placeholderData: keepPreviousData,
  })
  return (
    <Dialog title={t('pick.title')} onClose={onClose} wide>
      <div className="bd-pick">
        <SearchField label={t('search')} value={words} onChange={setWords} autoFocus />
        <Loaded query={list} failed={t('failed')} rows={3}>
          {({ pages }) => {
            const boards = pages.flatMap(({ items }) => items).filter(({ role }) => atLeast(role, 'editor'))
            if (boards.length === 0 && !list.hasNextPage)
              return (
                <Empty icon="board" title={query ? t('empty.search', { query }) : t('pick.none')}>
                  {t('pick.noneDetail')}
                </Empty>
              )
            return (
              <>
                <ul aria-label={t('pick.list')}>
                  {boards.map((board) => (
                    <li key={board.id}>
                      <button type="button" onClick={() => onPick(board.id)}>
                        <BoardThumbnail board={board} />
                        <span className="grow">
                          <b className="ellipsis">
                            <Marked text={board.title} query={query} />
                          </b>
                          <small className="ellipsis">
                            {board.owner.name} · <Time at={board.updatedAt} />
                          </small>
                        </span>
                      </button>
                    </li>
                  ))}
                </ul>
                {list.hasNextPage && (
                  <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                    {t('common:action.loadMore')}
                  </Button>
                )}
              </>
            )
          }}
        </Loaded>
      </div>
    </Dialog>
  )
}
