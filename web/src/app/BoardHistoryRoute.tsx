import { useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { appearanceStore } from '@/core/theme/appearance'
import { HistoryPage } from '@/features/boards/HistoryPage'
import { useStore } from '@/ui/useStore'

const BoardPicture = lazy(async () => ({
  default: (await import('@/features/board/BoardPicture')).BoardPicture,
}))

export function BoardHistoryRoute() {
  const { boardId } = useParams({ from: '/app/boards/$boardId/history' })
  const { scheme } = useStore(appearanceStore)
  return (
    <HistoryPage
      key={boardId}
      id={boardId}
      picture={(state) => (
        <Suspense fallback={null}>
          <BoardPicture boardId={boardId} state={state} scheme={scheme} />
        </Suspense>
      )}
    />
  )
}
