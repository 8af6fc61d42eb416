import type { Board, BoardRole } from '@/core/api/types'

const rank: Record<BoardRole, number> = { viewer: 0, commenter: 1, editor: 2, owner: 3 }

/** Whether the role is at least the other. */
export function atLeast(role: BoardRole, least: BoardRole): boolean {
  return rank[role] >= rank[least]
}

/** What a board's menu offers; the server decides. */
export function rightsOn(board: Pick<Board, 'role'>) {
  const edits = atLeast(board.role, 'editor')
  const owns = board.role === 'owner'
  return { rename: edits, restore: edits, seeAccess: edits, move: owns, remove: owns }
}
