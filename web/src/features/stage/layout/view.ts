/** What the person asked for; auto follows the meeting. */
export type ViewWish = 'auto' | 'gallery' | 'speaker' | 'presentation' | 'board'

export type View =
  | { kind: 'gallery' }
  | { kind: 'speaker'; mainId: string }
  | { kind: 'presentation'; shareId: string }
  | { kind: 'board'; boardId: string }

export interface ViewInput {
  wish: ViewWish
  /** Share that the person chose among several. */
  shareWish: string | null
  shares: ReadonlyArray<{ id: string; isSelf: boolean }>
  /** Boards that are open in the meeting. */
  boards: ReadonlyArray<{ id: string }>
  /** Board that is shown to all. */
  presentedBoardId: string | null
  /** Board that the person chose among several. */
  boardWish: string | null
  /** The presented board was put up after the last share began. */
  boardIsNewer: boolean
  participants: ReadonlyArray<{ id: string; isSelf: boolean }>
  /** Pinned by oneself. */
  pinnedId: string | null
  /** Spotlit for all. */
  spotlightId: string | null
  activeSpeakerId: string | null
}

/**
 * Which view is shown. A presented board and somebody's share go large by themselves, of both the newer; one's own share
 * does not, since it is on the screen already. A pin goes before a spotlight, a spotlight before the speaker; without any
 * of them the gallery.
 */
export function chooseView(input: ViewInput): View {
  const share = chooseShare(input)
  const board = chooseBoard(input)
  if (board !== null && (input.wish === 'board' || (input.wish === 'auto' && goesLarge(input, share)))) {
    return { kind: 'board', boardId: board }
  }
  if (share && (input.wish === 'presentation' || (input.wish === 'auto' && !share.isSelf))) {
    return { kind: 'presentation', shareId: share.id }
  }
  const held = present(input, input.pinnedId) ?? present(input, input.spotlightId)
  if (input.wish === 'speaker' || (held !== null && input.wish !== 'gallery')) {
    const mainId = held ?? chooseMain(input)
    if (mainId !== null) return { kind: 'speaker', mainId }
  }
  return { kind: 'gallery' }
}

function chooseShare(input: ViewInput): { id: string; isSelf: boolean } | null {
  const wished = input.shares.find((share) => share.id === input.shareWish)
  if (wished) return wished
  const others = input.shares.filter((share) => !share.isSelf)
  return others[others.length - 1] ?? input.shares[input.shares.length - 1] ?? null
}

function chooseBoard({ boards, boardWish, presentedBoardId }: ViewInput): string | null {
  const wished = boards.find(({ id }) => id === boardWish) ?? boards.find(({ id }) => id === presentedBoardId)
  return (wished ?? boards[boards.length - 1])?.id ?? null
}

function goesLarge(input: ViewInput, share: { isSelf: boolean } | null): boolean {
  if (input.presentedBoardId === null) return false
  return share === null || share.isSelf || input.boardIsNewer
}

function chooseMain(input: ViewInput): string | null {
  const speaker = input.participants.find((p) => p.id === input.activeSpeakerId && !p.isSelf)
  return (speaker ?? input.participants.find((p) => !p.isSelf) ?? input.participants[0])?.id ?? null
}

function present(input: ViewInput, id: string | null): string | null {
  return input.participants.some((participant) => participant.id === id) ? id : null
}

/**
 * The wish after the set of shares changed: a share that begins or the end of the last one goes back to automatic choice,
 * so that yesterday's click does not hide today's share.
 */
export function wishAfterShares(
  wish: ViewWish,
  before: ReadonlyArray<string>,
  now: ReadonlyArray<string>,
): ViewWish {
  if (now.length === 0 && before.length > 0) return wish === 'presentation' ? 'auto' : wish
  if (now.length > 0 && before.length === 0) return 'auto'
  return wish
}

/**
 * The wish after another board was presented to all, or none any more: a board that is put up goes back to automatic choice,
 * as a share does.
 */
export function wishAfterBoard(wish: ViewWish, before: string | null, now: string | null): ViewWish {
  if (now !== null && now !== before) return 'auto'
  return now === null && before !== null && wish === 'board' ? 'auto' : wish
}
