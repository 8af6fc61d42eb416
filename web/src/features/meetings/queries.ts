import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'
import type { MeetingDraft, StreamTokenDraft } from '@/core/api/types'

export type View = 'running' | 'coming' | 'past'

export const meetingsQuery = (view: View) =>
  infiniteQueryOptions({
    queryKey: ['meetings', view],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      send(
        api.GET('/meetings', { params: { query: { view, ...(pageParam ? { cursor: pageParam } : {}) } } }),
      ),
    getNextPageParam: (page) => page.nextCursor || undefined,
  })

export const meetingQuery = (id: string) =>
  queryOptions({
    queryKey: ['meeting', id],
    queryFn: () => send(api.GET('/meetings/{id}', { params: { path: { id } } })),
  })

export const attendanceQuery = (id: string) =>
  queryOptions({
    queryKey: ['meeting', id, 'attendance'],
    queryFn: async () =>
      (await send(api.GET('/meetings/{id}/attendance', { params: { path: { id } } }))).items,
  })

export const invitationTextQuery = (id: string, locale: string) =>
  queryOptions({
    queryKey: ['meeting', id, 'invitation', locale],
    queryFn: async () =>
      (await send(api.GET('/meetings/{id}/invitation', { params: { path: { id }, query: { locale } } })))
        .text,
  })

export const streamTokensQuery = (id: string) =>
  queryOptions({
    queryKey: ['meeting', id, 'streamTokens'],
    queryFn: async () =>
      (await send(api.GET('/meetings/{id}/stream-tokens', { params: { path: { id } } }))).items,
  })

export async function createStreamToken(id: string, body: StreamTokenDraft) {
  const made = await send(api.POST('/meetings/{id}/stream-tokens', { params: { path: { id } }, body }))
  void queryClient.invalidateQueries(streamTokensQuery(id))
  return made
}

export async function revokeStreamToken(id: string, tokenId: string) {
  await send(api.DELETE('/meetings/{id}/stream-tokens/{tokenId}', { params: { path: { id, tokenId } } }))
  await queryClient.invalidateQueries(streamTokensQuery(id))
}

/** Asks again for every list and detail of meetings. */
function refreshMeetings(): Promise<unknown> {
  return Promise.all([
    queryClient.invalidateQueries({ queryKey: ['meetings'] }),
    queryClient.invalidateQueries({ queryKey: ['meeting'] }),
  ])
}

/** A meeting that begins now, open to guests. */
export function startMeeting() {
  return createMeeting({ lobby: false, guestsAllowed: true, whoMayShare: 'everyone' })
}

export async function createMeeting(body: MeetingDraft) {
  const meeting = await send(api.POST('/meetings', { body }))
  void refreshMeetings()
  return meeting
}

export async function updateMeeting(id: string, body: MeetingDraft) {
  const meeting = await send(api.PATCH('/meetings/{id}', { params: { path: { id } }, body }))
  queryClient.setQueryData(meetingQuery(id).queryKey, meeting)
  void refreshMeetings()
  return meeting
}

export async function cancelMeeting(id: string) {
  await send(api.DELETE('/meetings/{id}', { params: { path: { id } } }))
  void refreshMeetings()
}

export async function findPeople(q: string) {
  return (await send(api.GET('/people', { params: { query: { q, limit: 20 } } }))).items
}
