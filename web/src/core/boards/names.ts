/** Names of the parts of a board's document. */
export const elementsRoot = 'elements'
export const metaRoot = 'meta'
export const votesRoot = 'votes'

export type BoardRole = 'viewer' | 'commenter' | 'editor' | 'owner'

export const boardRoles: readonly BoardRole[] = ['viewer', 'commenter', 'editor', 'owner']

export function mayDraw(role: BoardRole | null): boolean {
  return role === 'editor' || role === 'owner'
}

/** Who is at the board: a member of the company or a guest of a meeting. */
export interface BoardPerson {
  /** `user:<id>` or `guest:<id>`. */
  key: string
  name: string
  avatarUrl?: string | undefined
}
