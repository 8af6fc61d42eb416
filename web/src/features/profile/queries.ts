import { queryOptions } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: async () => (await send(api.GET('/sessions'))).items,
})

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async () => (await send(api.GET('/tokens'))).items,
})
