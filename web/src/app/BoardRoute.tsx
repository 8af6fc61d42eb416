import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect } from 'react'
import { keepAnswer } from '@/core/api/keptAnswers'
import { meQuery, queryClient } from '@/core/api/queries'
import type { Board, Me } from '@/core/api/types'
import { appearanceStore } from '@/core/theme/appearance'
import { BoardPage } from '@/features/boards/BoardPage'
import { boardAnswer } from '@/features/boards/queries'
import { Skeleton } from '@/ui/states'
import { useStore } from '@/ui/useStore'

const BoardEditor = lazy(async () => ({
  default: (await import('@/features/board/BoardEditor')).BoardEditor,
}))

export function BoardRoute() {
  const { boardId } = useParams({ from: '/app/boards/$boardId' })
  return (
    <BoardPage
      key={boardId}
      id={boardId}
      editor={(board, actions) => <OpenBoard board={board} actions={actions} />}
    />
  )
}

/** What opens this board again without a network is kept in this browser. */
function useOfflineBoard(board: Board, me: Me | null | undefined) {
  useEffect(() => {
    if (!me) return
    keepAnswer('me', me)
    keepAnswer(boardAnswer(board.id), board)
    void navigator.serviceWorker?.ready.then(({ active }) => active?.postMessage({ type: 'keepBoards' }))
  }, [board, me])
}

/** The editor. A board that is taken away from its reader says so there. */
function OpenBoard({ board, actions }: { board: Board; actions: ReactNode }) {
  const { data: me } = useQuery(meQuery)
  const { scheme } = useStore(appearanceStore)
  const navigate = useNavigate()
  useOfflineBoard(board, me)
  if (!me) return null
  const { id, name, avatarUrl } = me.user
  return (
    <Suspense fallback={<Skeleton />}>
      <BoardEditor
        boardId={board.id}
        title={board.title}
        person={{ key: `user:${id}`, name, ...(avatarUrl ? { avatarUrl } : {}) }}
        scheme={scheme}
        actions={actions}
        onBack={() => void navigate({ to: '/boards' })}
        onGone={(why) => {
          void queryClient.invalidateQueries({ queryKey: ['boards'] })
          if (why === 'signedOut') void queryClient.invalidateQueries(meQuery)
        }}
      />
    </Suspense>
  )
}
