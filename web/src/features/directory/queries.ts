import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'

export const departmentsQuery = queryOptions({
  queryKey: ['departments'],
  queryFn: async () => (await send(api.GET('/departments'))).items,
})

export const peopleQuery = (q: string, departmentId: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['people', 'list', q, departmentId ?? ''],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      send(
        api.GET('/people', {
          params: {
            query: {
              ...(q ? { q } : {}),
              ...(departmentId ? { departmentId } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
              limit: 50,
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.nextCursor || undefined,
  })

/** A meeting that begins now with one person invited; answers its code. */
export async function meetWith(personId: string): Promise<string> {
  return (await send(api.POST('/meetings', { body: { inviteeIds: [personId], guestsAllowed: true } }))).code
}
