import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'

export const peopleQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: ['people', 'admin', q],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      send(
        api.GET('/people', {
          params: { query: { ...(q ? { q } : {}), ...(pageParam ? { cursor: pageParam } : {}), limit: 50 } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.nextCursor || undefined,
  })

export const departmentsQuery = queryOptions({
  queryKey: ['departments'],
  queryFn: async () => (await send(api.GET('/departments'))).items,
})

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: async () => (await send(api.GET('/invitations'))).items,
})

export const companyQuery = queryOptions({
  queryKey: ['company'],
  queryFn: () => send(api.GET('/company')),
})

/** What changes people or departments shows in both lists, and in the directory. */
export function refreshPeople(): Promise<unknown> {
  return Promise.all([
    queryClient.invalidateQueries({ queryKey: ['people'] }),
    queryClient.invalidateQueries({ queryKey: ['departments'] }),
  ])
}
