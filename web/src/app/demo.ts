import { queryOptions } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'
import { isApiError } from '@/core/api/error'
import { queryClient } from '@/core/api/queries'

/** The sample company runs on loopback only. */
const onThisMachine = ['localhost', '127.0.0.1', '[::1]'].includes(window.location.hostname)

/** The people of the sample company, or null where there is none: on every real server. */
export const demoQuery = queryOptions({
  queryKey: ['demo'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async () => {
    if (!onThisMachine) return null
    try {
      return (await send(api.GET('/demo/people'))).items
    } catch (error) {
      if (isApiError(error) && error.status === 404) return null
      throw error
    }
  },
})

export async function isDemo(): Promise<boolean> {
  return (await queryClient.ensureQueryData(demoQuery)) !== null
}
