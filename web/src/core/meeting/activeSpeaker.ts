import type { Speaker } from './wire'

/** Another speaker takes the place at once after so much silence of the present one, */
const silenceMs = 800
/** or after having been louder for so long. */
const louderMs = 1_500

export interface ActiveSpeaker {
  id: string | null
  /** When the present one was last heard. */
  heardAt: number
  /** Who is louder than the present one, and since when. */
  rival: { id: string; since: number } | null
}

export const noActiveSpeaker: ActiveSpeaker = { id: null, heardAt: 0, rival: null }

/** Decides who is shown as speaking; one stays until another really takes over. Speakers come loudest first. */
export function nextActiveSpeaker(
  active: ActiveSpeaker,
  speakers: ReadonlyArray<Speaker>,
  self: string | null,
  now: number,
): ActiveSpeaker {
  const others = speakers.filter((speaker) => speaker.participantId !== self)
  const loudest = others[0]?.participantId
  const heard = others.some((speaker) => speaker.participantId === active.id)
  const heardAt = heard ? now : active.heardAt
  if (!loudest || loudest === active.id) return { id: active.id, heardAt, rival: null }
  const rival = active.rival?.id === loudest ? active.rival : { id: loudest, since: now }
  const takesOver = active.id === null || now - heardAt >= silenceMs || now - rival.since >= louderMs
  return takesOver ? { id: loudest, heardAt: now, rival: null } : { id: active.id, heardAt, rival }
}

/** The one who left is nobody any more. */
export function withoutSpeaker(active: ActiveSpeaker, present: ReadonlySet<string>): ActiveSpeaker {
  return active.id !== null && !present.has(active.id) ? noActiveSpeaker : active
}
