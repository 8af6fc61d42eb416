import { queryOptions } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'

/** Whether the company still waits for its first administrator, and its name when it does not. */
export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: () => send(api.GET('/setup')),
})

export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: () => send(api.GET('/invitations/by-token/{token}', { params: { path: { token } } })),
  })

export const resetQuery = (token: string) =>
  queryOptions({
    queryKey: ['reset', token],
    queryFn: () => send(api.GET('/password-resets/{token}', { params: { path: { token } } })),
  })
