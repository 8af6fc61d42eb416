import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Board } from '@/core/api/types'
import { Button } from '@/ui/Button'
import { Empty, Loaded } from '@/ui/states'
import { usePageTitle } from '@/ui/usePage'
import { BoardMenu } from './BoardMenu'
import { boardQuery } from './queries'
import { rightsOn } from './rights'
import './boards.css'

const ShareDialog = lazy(async () => ({ default: (await import('./ShareDialog')).ShareDialog }))

interface BoardPageProps {
  id: string
  /** Draws the editor, with what stands at the end of its head; another feature's part, handed in by the page. */
  editor: (board: Board, actions: ReactNode) => ReactNode
}

/** One board, over the whole page. */
export function BoardPage({ id, editor }: BoardPageProps) {
  const { t } = useTranslation('boards')
  const board = useQuery(boardQuery(id))
  usePageTitle(board.data?.title)
  return (
    <div className="bd-page">
      <Loaded query={board} failed={t('page.failed')} gone={<BoardGone />}>
        {(data) => editor(data, <Acts board={data} />)}
      </Loaded>
    </div>
  )
}

/** What stands in the place of a board that is not there, or not for this reader. */
export function BoardGone() {
  const { t } = useTranslation('boards')
  return (
    <Empty
      icon="board"
      heading="h1"
      title={t('page.gone')}
      actions={
        <Link className="btn primary" to="/boards">
          {t('page.toList')}
        </Link>
      }
    >
      {t('page.goneDetail')}
    </Empty>
  )
}

function Acts({ board }: { board: Board }) {
  const { t } = useTranslation('boards')
  const [sharing, setSharing] = useState(false)
  return (
    <>
      {rightsOn(board).seeAccess && (
        <Button look="soft" icon="people" className="bd-share" onClick={() => setSharing(true)}>
          <span>{t('share.act')}</span>
        </Button>
      )}
      <BoardMenu board={board} open />
      {sharing && (
        <Suspense fallback={null}>
          <ShareDialog board={board} onClose={() => setSharing(false)} />
        </Suspense>
      )}
    </>
  )
}
