import { useCallback, useEffect, useMemo, useState } from 'react'
import { useStore } from '@/ui/useStore'
import { withTile } from './layout/order'
import { chooseView, type View, type ViewWish, wishAfterShares } from './layout/view'
import type { StageCall } from './stageCall'

interface Wishes {
  wish: ViewWish
  shareWish: string | null
  pinnedId: string | null
  shareIds: ReadonlyArray<string>
}

/** The view that is shown: automatic, and changed with one click. */
export function useView(call: StageCall): {
  view: View
  pinnedId: string | null
  setWish: (wish: ViewWish) => void
  setShare: (shareId: string) => void
  setPinned: (participantId: string | null) => void
} {
  const shares = useStore(call, (snapshot) => snapshot.shares, sameIds)
  const participants = useStore(call, (snapshot) => withTile(snapshot.participants), sameIds)
  const spotlightId = useStore(call, (snapshot) => snapshot.meeting?.spotlightId ?? null)
  const activeSpeakerId = useStore(call, (snapshot) => snapshot.activeSpeakerId)
  const [wishes, setWishes] = useState<Wishes>({
    wish: 'auto',
    shareWish: null,
    pinnedId: null,
    shareIds: [],
  })

  useEffect(() => {
    const shareIds = shares.map((share) => share.id)
    setWishes((now) => ({ ...now, shareIds, wish: wishAfterShares(now.wish, now.shareIds, shareIds) }))
  }, [shares])
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
  const setPinned = useCallback(
    (pinnedId: string | null) =>
      setWishes((now) => ({ ...now, pinnedId, wish: now.wish === 'gallery' ? 'auto' : now.wish })),
    [],
  )
  const view = useMemo(
    () => chooseView({ ...wishes, shares, participants, spotlightId, activeSpeakerId }),
    [wishes, shares, participants, spotlightId, activeSpeakerId],
  )
  const pinnedId = participants.some((one) => one.id === wishes.pinnedId) ? wishes.pinnedId : null
  return { view, pinnedId, setWish, setShare, setPinned }
}

function sameIds<T extends { id: string }>(a: ReadonlyArray<T>, b: ReadonlyArray<T>): boolean {
  return a.length === b.length && a.every((one, index) => one.id === b[index]?.id)
}
