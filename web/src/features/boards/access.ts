import type { BoardAccessEntry } from '@/core/api/types'

export type EntryRole = BoardAccessEntry['role']
export const entryRoles: readonly EntryRole[] = ['editor', 'commenter', 'viewer']

/** Whom an entry is about; there is one entry for each. */
export function keyOf({ kind, id }: Pick<BoardAccessEntry, 'kind' | 'id'>): string {
  return `${kind}:${id ?? ''}`
}

/** The list with these entries in the place of older ones about the same; new ones come last. */
export function withEntries(
  entries: readonly BoardAccessEntry[],
  added: readonly BoardAccessEntry[],
): BoardAccessEntry[] {
  const byKey = new Map(entries.map((entry) => [keyOf(entry), entry]))
  for (const entry of added) byKey.set(keyOf(entry), entry)
  return [...byKey.values()]
}

export function withoutEntry(
  entries: readonly BoardAccessEntry[],
  gone: Pick<BoardAccessEntry, 'kind' | 'id'>,
): BoardAccessEntry[] {
  return entries.filter((entry) => keyOf(entry) !== keyOf(gone))
}
