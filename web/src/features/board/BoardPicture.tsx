import { lazy, Suspense } from 'react'
import { appearanceStore, type Scheme } from '@/core/theme/appearance'
import { useStore } from '@/ui/useStore'
import { setAssetPath } from './assetPath'
import './board.css'

const StillCanvas = lazy(async () => {
  setAssetPath()
  return { default: (await import('./StillCanvas')).StillCanvas }
})

interface BoardPictureProps {
  boardId: string
  /** The whole state of the board, as GET /boards/{id}/state gives it. */
  state: Uint8Array
  /** Defaults to the appearance that the reader chose. */
  scheme?: Scheme
}

/** A board as it was at some moment, to look at and to zoom into. It fills its box. */
export function BoardPicture({ boardId, state, scheme }: BoardPictureProps) {
  const chosen = useStore(appearanceStore, (snapshot) => snapshot.scheme)
  return (
    <div className="board">
      <Suspense fallback={<div className="board-opening" aria-busy="true" />}>
        <StillCanvas boardId={boardId} state={state} scheme={scheme ?? chosen} />
      </Suspense>
    </div>
  )
}
