import { queryOptions } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'
import { isApiError } from '@/core/api/error'

/** The people of the sample company, or null where there is none: on every real server. */
export const demoQuery = queryOptions({
  queryKey: ['demo'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async () => {
    try {
      return (await send(api.GET('/demo/people'))).items
    } catch (error) {
      if (isApiError(error) && error.status === 404) return null
      throw error
    }
  },
})
