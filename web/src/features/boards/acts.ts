import type { InfiniteData } from '@tanstack/react-query'
import i18next from 'i18next'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'
import type { Board } from '@/core/api/types'
import { toast } from '@/ui/Toast'
import { boardQuery, refreshBoards } from './queries'

interface Page {
  items: Board[]
  nextCursor?: string
}
type Pages = InfiniteData<Page>

/** One board changed in the pages of a list; null takes it out. */
export function changed(pages: Pages, id: string, change: (board: Board) => Board | null): Pages {
  if (!pages.pages.some(({ items }) => items.some((board) => board.id === id))) return pages
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      items: page.items.flatMap((board) => (board.id === id ? (change(board) ?? []) : board)),
    })),
  }
}

/** Shows the change in every list at once; the answer puts things back as they were. */
function showChange(id: string, change: (board: Board) => Board | null): () => void {
  const before = queryClient.getQueriesData<Pages>({ queryKey: ['boards'] })
  queryClient.setQueriesData<Pages>({ queryKey: ['boards'] }, (pages) => pages && changed(pages, id, change))
  return () => {
    for (const [key, pages] of before) queryClient.setQueryData(key, pages)
  }
}

/** Shows the outcome before the server has answered, and takes it back when the server refuses. */
async function optimistically<T>(
  id: string,
  change: (board: Board) => Board | null,
  act: () => Promise<T>,
): Promise<T> {
  await queryClient.cancelQueries({ queryKey: ['boards'] })
  const back = showChange(id, change)
  try {
    return await act()
  } catch (error) {
    back()
    throw error
  } finally {
    void refreshBoards()
  }
}

export interface BoardChanges {
  title?: string
  /** Empty: back to one's own boards. */
  departmentId?: string
}

export async function updateBoard(id: string, body: BoardChanges): Promise<void> {
  const { title } = body
  const now = await optimistically(
    id,
    (board) => ({ ...board, ...(title === undefined ? {} : { title }) }),
    () => send(api.PATCH('/boards/{id}', { params: { path: { id } }, body })),
  )
  queryClient.setQueryData(boardQuery(id).queryKey, now)
}

/** Into the trash, with the way back. */
export async function deleteBoard({ id, title }: Pick<Board, 'id' | 'title'>): Promise<boolean> {
  try {
    await optimistically(
      id,
      () => null,
      () => send(api.DELETE('/boards/{id}', { params: { path: { id } } })),
    )
  } catch (error) {
    toast.failed(error)
    return false
  }
  toast.undoable(i18next.t('boards:trash.done', { title }), i18next.t('common:action.undo'), () => {
    void restoreBoard({ id, title })
  })
  return true
}

/** Out of the trash. */
export async function restoreBoard({ id, title }: Pick<Board, 'id' | 'title'>): Promise<void> {
  try {
    await optimistically(
      id,
      () => null,
      () => send(api.POST('/boards/{id}/restore', { params: { path: { id } } })),
    )
    void queryClient.invalidateQueries(boardQuery(id))
    toast.done(i18next.t('boards:trash.restored', { title }))
  } catch (error) {
    toast.failed(error)
  }
}

export async function deleteForGood({ id }: Pick<Board, 'id'>): Promise<void> {
  await optimistically(
    id,
    () => null,
    () => send(api.DELETE('/boards/{id}/permanently', { params: { path: { id } } })),
  )
}

export function linkOf(id: string): string {
  return `${window.location.origin}/boards/${id}`
}
