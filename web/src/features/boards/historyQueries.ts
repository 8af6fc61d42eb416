import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'
import { boardQuery, refreshBoards } from './queries'

const pageSize = 100

export const historyQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['board', id, 'history'],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      send(
        api.GET('/boards/{id}/history', {
          params: { path: { id }, query: { limit: pageSize, ...(pageParam ? { before: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.nextBefore || undefined,
  })

/** The document as it was after a change; it never changes again. */
export const stateQuery = (id: string, seq: number) =>
  queryOptions({
    queryKey: ['board', id, 'state', seq],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    queryFn: async ({ signal }) => {
      const bytes = await send(
        api.GET('/boards/{id}/state', {
          params: { path: { id }, query: { seq } },
          parseAs: 'arrayBuffer',
          signal,
        }),
      )
      return new Uint8Array(bytes as ArrayBuffer)
    },
  })

/** Makes the board what it was, as a new change of one's own. */
export async function restoreState(id: string, seq: number): Promise<void> {
  await send(api.POST('/boards/{id}/history/{seq}/restore', { params: { path: { id, seq } } }))
  void queryClient.invalidateQueries(historyQuery(id))
  void queryClient.invalidateQueries(boardQuery(id))
  void refreshBoards()
}
