import { QueryClient, queryOptions } from '@tanstack/react-query'
import { api, send } from './client'
import { ApiError } from './error'
import { askOrKept } from './keptAnswers'
import type { Me } from './types'

/** Asked again once for what may pass by itself; never for what the server refused. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) =>
        failures < 1 && (!(error instanceof ApiError) || error.status >= 500 || error.status === 0),
    },
  },
})

/** Who is signed in, or null. Without a network who was, in a browser that keeps boards. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  networkMode: 'always',
  staleTime: 60_000,
  queryFn: async (): Promise<Me | null> => {
    try {
      return await askOrKept('me', () => send(api.GET('/me')))
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null
      throw error
    }
  },
})

export function may(me: Me | null | undefined, permission: string): boolean {
  return me?.permissions.includes(permission) ?? false
}
