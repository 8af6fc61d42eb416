import type { ParticipantKind } from '@/core/meeting/wire'

/** What the order of the tiles depends on. */
export interface Orderable {
  id: string
  isSelf: boolean
}

/** Those who have a tile: a program that only shows the meeting elsewhere has none. */
export function withTile<T extends { kind?: ParticipantKind }>(
  participants: ReadonlyArray<T>,
): ReadonlyArray<T> {
  return participants.filter((participant) => participant.kind !== 'viewer')
}

/**
 * The order of the gallery: that of joining, oneself at the end of the first page. With more people than places, whoever
 * speaks without being on the first page changes places with the one there who has been silent longest, and nobody else
 * moves. `previous` is the last answer; who joined since comes at the end.
 */
export function galleryOrder(
  participants: ReadonlyArray<Orderable>,
  previous: ReadonlyArray<string>,
  perPage: number,
  lastSpoke: ReadonlyMap<string, number>,
  speakerId: string | null,
): string[] {
  const present = new Map(participants.map((participant) => [participant.id, participant]))
  const kept = previous.filter((id) => present.has(id) && !present.get(id)?.isSelf)
  const known = new Set(kept)
  const order = [
    ...kept,
    ...participants
      .filter((participant) => !participant.isSelf && !known.has(participant.id))
      .map((p) => p.id),
  ]
  const self = participants.find((participant) => participant.isSelf)
  const places = self ? perPage - 1 : perPage
  promote(order, places, lastSpoke, speakerId)
  if (self) order.splice(Math.min(order.length, places), 0, self.id)
  return order
}

function promote(
  order: string[],
  places: number,
  lastSpoke: ReadonlyMap<string, number>,
  speakerId: string | null,
): void {
  if (speakerId === null) return
  const at = order.indexOf(speakerId)
  if (at < places || places <= 0) return
  let quietest = places - 1
  for (let i = places - 1; i >= 0; i--) {
    if (spokeAt(lastSpoke, order[i]) < spokeAt(lastSpoke, order[quietest])) quietest = i
  }
  const displaced = order[quietest]
  if (displaced === undefined) return
  order[quietest] = speakerId
  order[at] = displaced
}

function spokeAt(lastSpoke: ReadonlyMap<string, number>, id: string | undefined): number {
  return (id === undefined ? undefined : lastSpoke.get(id)) ?? 0
}

/**
 * The order of a strip: pinned first, then who spoke last, then by joining, oneself at the end of what is shown so that
 * one always sees oneself.
 */
export function stripOrder(
  participants: ReadonlyArray<Orderable>,
  lastSpoke: ReadonlyMap<string, number>,
  pinnedId: string | null,
  places: number,
): string[] {
  const others = participants
    .filter((participant) => !participant.isSelf)
    .map((participant) => participant.id)
  others.sort((a, b) => rank(b) - rank(a))
  const self = participants.find((participant) => participant.isSelf)
  if (self) others.splice(Math.min(others.length, Math.max(0, places - 1)), 0, self.id)
  return others

  function rank(id: string): number {
    if (id === pinnedId) return Number.POSITIVE_INFINITY
    return lastSpoke.get(id) ?? 0
  }
}

/** Cuts a list into pages. */
export function pageOf<T>(items: ReadonlyArray<T>, page: number, perPage: number): T[] {
  return items.slice(page * perPage, (page + 1) * perPage)
}

/** How many pages n items make; at least one. */
export function pageCount(n: number, perPage: number): number {
  return Math.max(1, Math.ceil(n / perPage))
}

/** A page that exists, nearest to the one wanted. */
export function clampPage(page: number, pages: number): number {
  return Math.max(0, Math.min(page, pages - 1))
}
