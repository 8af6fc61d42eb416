import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'
import { askOrKept } from '@/core/api/keptAnswers'
import { queryClient } from '@/core/api/queries'
import type { Board, BoardAccessEntry, BoardDraft } from '@/core/api/types'

/** Which boards a list holds; `all` is what a search goes through. */
export type BoardFilter = 'recent' | 'mine' | 'shared' | 'department' | 'trash' | 'all'

export interface ListWish {
  filter: BoardFilter
  /** Of one department only. */
  departmentId?: string | undefined
  /** Words in titles and on boards. */
  query?: string | undefined
}

export const boardsQuery = ({ filter, departmentId, query }: ListWish) =>
  infiniteQueryOptions({
    queryKey: ['boards', filter, departmentId ?? '', query ?? ''],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      send(
        api.GET('/boards', {
          params: {
            query: {
              filter,
              ...(departmentId ? { departmentId } : {}),
              ...(query ? { query } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.nextCursor || undefined,
  })

/** The name under which a board is kept for the time without a network. */
export const boardAnswer = (id: string) => `board ${id}`

export const boardQuery = (id: string) =>
  queryOptions({
    queryKey: ['board', id],
    networkMode: 'always',
    queryFn: () =>
      askOrKept(boardAnswer(id), () => send(api.GET('/boards/{id}', { params: { path: { id } } }))),
  })

export const templatesQuery = (locale: string) =>
  queryOptions({
    queryKey: ['boardTemplates', locale],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await send(api.GET('/boards/templates'))).items,
  })

export const accessQuery = (id: string) =>
  queryOptions({
    queryKey: ['board', id, 'access'],
    queryFn: () => send(api.GET('/boards/{id}/access', { params: { path: { id } } })),
  })

export const meetingBoardsQuery = (meetingId: string) =>
  queryOptions({
    queryKey: ['meeting', meetingId, 'boards'],
    queryFn: async () =>
      (await send(api.GET('/meetings/{id}/boards', { params: { path: { id: meetingId } } }))).items,
  })

export const departmentsQuery = queryOptions({
  queryKey: ['departments'],
  queryFn: async () => (await send(api.GET('/departments'))).items,
})

export async function findPeople(q: string) {
  return (await send(api.GET('/people', { params: { query: { q, limit: 20 } } }))).items
}

/** Asks again for every list of boards. */
export function refreshBoards(): Promise<unknown> {
  return queryClient.invalidateQueries({ queryKey: ['boards'] })
}

/** Makes a board: empty, of a template, or of another board as it is or was. */
export async function createBoard(body: BoardDraft): Promise<Board> {
  const board = await send(api.POST('/boards', { body }))
  queryClient.setQueryData(boardQuery(board.id).queryKey, board)
  void refreshBoards()
  return board
}

/** Makes a board of the file that Excalidraw saves. */
export async function importBoard(file: File): Promise<Board> {
  const title = file.name.replace(/\.(excalidraw|json)$/i, '').slice(0, 200)
  const board = await send(
    api.POST('/boards/import', {
      params: { query: { title } },
      body: await file.text(),
      bodySerializer: (text) => text,
      headers: { 'content-type': 'application/vnd.excalidraw+json' },
    }),
  )
  void refreshBoards()
  return board
}

export async function setAccess(id: string, entries: readonly BoardAccessEntry[]) {
  const access = await send(
    api.PUT('/boards/{id}/access', {
      params: { path: { id } },
      body: { entries: entries.map(({ kind, id: of, role }) => ({ kind, role, ...(of ? { id: of } : {}) })) },
    }),
  )
  queryClient.setQueryData(accessQuery(id).queryKey, access)
  void refreshBoards()
  return access
}

export async function transferBoard(id: string, userId: string): Promise<void> {
  const board = await send(api.PUT('/boards/{id}/owner', { params: { path: { id } }, body: { userId } }))
  queryClient.setQueryData(boardQuery(id).queryKey, board)
  await queryClient.invalidateQueries(accessQuery(id))
  void refreshBoards()
}
