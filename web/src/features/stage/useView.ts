import { useCallback, useEffect, useMemo, useState } from 'react'
import { useStore } from '@/ui/useStore'
import { withTile } from './layout/order'
import { chooseView, type View, type ViewWish, wishAfterBoard, wishAfterShares } from './layout/view'
import type { StageCall } from './stageCall'

interface Wishes {
  wish: ViewWish
  shareWish: string | null
  pinnedId: string | null
  shareIds: ReadonlyArray<string>
  boardWish: string | null
  presentedBoardId: string | null
  boardIsNewer: boolean
}

const noBoards: ReadonlyArray<{ id: string }> = []

/** The view that is shown: automatic, and changed with one click. */
export function useView(call: StageCall): {
  view: View
  pinnedId: string | null
  setWish: (wish: ViewWish) => void
  setShare: (shareId: string) => void
  setBoard: (boardId: string) => void
  setPinned: (participantId: string | null) => void
} {
  const shares = useStore(call, (snapshot) => snapshot.shares, sameIds)
  const participants = useStore(call, (snapshot) => withTile(snapshot.participants), sameIds)
  const spotlightId = useStore(call, (snapshot) => snapshot.meeting?.spotlightId ?? null)
  const boards = useStore(call, (snapshot) => snapshot.meeting?.boards ?? noBoards, sameIds)
  const presentedBoardId = useStore(call, (snapshot) => snapshot.meeting?.presentedBoardId || null)
  const activeSpeakerId = useStore(call, (snapshot) => snapshot.activeSpeakerId)
  const [wishes, setWishes] = useState<Wishes>({
    wish: 'auto',
    shareWish: null,
    pinnedId: null,
    shareIds: [],
    boardWish: null,
    presentedBoardId: null,
    boardIsNewer: false,
  })

  useEffect(() => {
    const shareIds = shares.map((share) => share.id)
    setWishes((now) => ({
      ...now,
      shareIds,
      wish: wishAfterShares(now.wish, now.shareIds, shareIds),
      boardIsNewer: now.boardIsNewer && shareIds.every((id) => now.shareIds.includes(id)),
    }))
  }, [shares])
  useEffect(() => {
    setWishes((now) => {
      const other = presentedBoardId !== now.presentedBoardId
      return {
        ...now,
        presentedBoardId,
        wish: wishAfterBoard(now.wish, now.presentedBoardId, presentedBoardId),
        boardWish: other ? null : now.boardWish,
        boardIsNewer: other ? presentedBoardId !== null : now.boardIsNewer,
      }
    })
  }, [presentedBoardId])
  useEffect(() => {
    if (spotlightId !== null) setWishes((now) => (now.wish === 'gallery' ? { ...now, wish: 'auto' } : now))
  }, [spotlightId])

  const setWish = useCallback((wish: ViewWish) => {
    setWishes((now) => ({ ...now, wish, pinnedId: wish === 'gallery' ? null : now.pinnedId }))
  }, [])
  const setShare = useCallback(
    (shareId: string) => setWishes((now) => ({ ...now, wish: 'presentation', shareWish: shareId })),
    [],
  )
  const setBoard = useCallback(
    (boardId: string) => setWishes((now) => ({ ...now, wish: 'board', boardWish: boardId })),
    [],
  )
  const setPinned = useCallback(
    (pinnedId: string | null) =>
      setWishes((now) => ({ ...now, pinnedId, wish: now.wish === 'gallery' ? 'auto' : now.wish })),
    [],
  )
  const view = useMemo(
    () =>
      chooseView({ ...wishes, shares, boards, presentedBoardId, participants, spotlightId, activeSpeakerId }),
    [wishes, shares, boards, presentedBoardId, participants, spotlightId, activeSpeakerId],
  )
  const pinnedId = participants.some((one) => one.id === wishes.pinnedId) ? wishes.pinnedId : null
  return { view, pinnedId, setWish, setShare, setBoard, setPinned }
}

function sameIds<T extends { id: string }>(a: ReadonlyArray<T>, b: ReadonlyArray<T>): boolean {
  return a.length === b.length && a.every((one, index) => one.id === b[index]?.id)
}
