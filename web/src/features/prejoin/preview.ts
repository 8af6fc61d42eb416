import { queryOptions } from '@tanstack/react-query'
import { api, send } from '@/core/api/client'
import type { components } from '@/core/api/schema'

/** What a meeting's link leads to, as the reader may know it. */
export type MeetingPreview = components['schemas']['Preview']

const everyMs = 15_000

/** What a meeting's link leads to; asked again while one looks at it. */
export function previewQuery(code: string) {
  return queryOptions({
    queryKey: ['meeting-preview', code],
    queryFn: (): Promise<MeetingPreview> =>
      send(api.GET('/meetings/by-code/{code}/preview', { params: { path: { code } } })),
    refetchInterval: everyMs,
    staleTime: 0,
  })
}

/** Gives a guest's name; the answer is a cookie for this one meeting. */
export async function enterAsGuest(code: string, name: string, locale: string): Promise<void> {
  await send(
    api.POST('/meetings/by-code/{code}/guests', { params: { path: { code } }, body: { name, locale } }),
  )
}

/** How one may go in. */
export type Standing =
  | { kind: 'closed'; why: 'ended' | 'cancelled' | 'membersOnly' }
  | { kind: 'open'; act: 'join' | 'start' | 'ask' | 'wait' }

/** What a preview means for the reader: which button there is, or why there is none. */
export function standingOf(preview: MeetingPreview): Standing {
  if (preview.cancelled) return { kind: 'closed', why: 'cancelled' }
  if (!preview.signedIn && !preview.guestsAllowed) return { kind: 'closed', why: 'membersOnly' }
  if (preview.status === 'ended' && !preview.canStart) return { kind: 'closed', why: 'ended' }
  if (preview.status === 'running') return { kind: 'open', act: preview.lobby ? 'ask' : 'join' }
  return { kind: 'open', act: preview.canStart ? 'start' : 'wait' }
}
