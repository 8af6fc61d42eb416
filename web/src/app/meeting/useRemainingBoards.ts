import { useQuery } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'

const none: ReadonlyArray<{ href: string; title: string }> = []

/** The boards that were open in a meeting, for a member who was there; they can be opened again at any time. */
export function useRemainingBoards(meetingId: string | null) {
  const { data } = useQuery({
    queryKey: ['meeting', meetingId, 'boards'],
    enabled: meetingId !== null,
    queryFn: async () =>
      (await send(api.GET('/meetings/{id}/boards', { params: { path: { id: meetingId ?? '' } } }))).items,
  })
  return data?.map(({ id, title }) => ({ href: `/boards/${id}`, title })) ?? none
}
