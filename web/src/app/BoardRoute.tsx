import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { meQuery, queryClient } from '@/core/api/queries'
import type { Board } from '@/core/api/types'
import { appearanceStore } from '@/core/theme/appearance'
import { BoardPage } from '@/features/boards/BoardPage'
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

/** The editor. A board that is taken away from its reader says so there. */
function OpenBoard({ board, actions }: { board: Board; actions: ReactNode }) {
  const { data: me } = useQuery(meQuery)
  const { scheme } = useStore(appearanceStore)
  const navigate = useNavigate()
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
