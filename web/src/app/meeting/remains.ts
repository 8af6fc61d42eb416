import type { CallSnapshot } from '@/core/meeting/state'

/** What the page after a meeting needs to know of it. */
export interface Remains {
  meetingId: string | null
  title: string
  /** The attendance list is for those who ran the meeting. */
  hosted: boolean
}

export function remainsOf(snapshot: CallSnapshot): Remains {
  const self = snapshot.participants.find((one) => one.id === snapshot.self)
  return {
    meetingId: snapshot.meeting?.id ?? null,
    title: snapshot.meeting?.title ?? '',
    hosted: self?.role === 'host' || snapshot.permissions.end,
  }
}
