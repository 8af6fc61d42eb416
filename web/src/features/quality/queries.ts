import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'

/** The server keeps what it measured every five seconds. */
const liveMs = 5_000

/** How everybody was connected in a run of a meeting, by default the last one. A meeting that runs is asked again. */
export const qualityQuery = (id: string, sessionId: string | undefined) =>
  queryOptions({
    queryKey: ['quality', id, sessionId ?? ''],
    queryFn: () =>
      send(
        api.GET('/meetings/{id}/quality', {
          params: { path: { id }, query: sessionId ? { sessionId } : {} },
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.startedAt && !state.data.endedAt ? liveMs : false),
  })

/** The runs of all meetings, for admins. */
export const runsQuery = infiniteQueryOptions({
  queryKey: ['quality', 'runs'],
  initialPageParam: '',
  queryFn: ({ pageParam }) =>
    send(api.GET('/meeting-quality', { params: { query: pageParam ? { cursor: pageParam } : {} } })),
  getNextPageParam: (page) => page.nextCursor || undefined,
})
