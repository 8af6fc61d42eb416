import type { Scope } from '@/core/scope'
import type { BoardPresence } from './presence'

/** Where elements are, by their id: x and y on the canvas. */
export type Places = ReadonlyMap<string, readonly [x: number, y: number]>

/** How those who move many elements tell each other where these are before the document has it. */
export interface Moves {
  /** Tells where what we move is; the last time, when it was put down and is in the document. */
  tell(places: Places, isLast: boolean): void
  /** Where what the others move is. The same map until that changes. */
  others(): Places
  /** Calls after the others moved something; the result stops that. */
  onChange(listener: () => void): () => void
}

export const noPlaces: Places = new Map()

/** A state of awareness may have 16 KiB as JSON, and there is more in it. */
const maxBytes = 9 * 1024
/** Of two numbers and what is around them. */
const placeBytes = 28
/** The document may come after what is said beside it. */
const lingerMs = 250

/** Moves, told through presence. */
export function presenceMoves(presence: BoardPresence, scope: Scope): Moves {
  let rest: (() => void) | null = null
  let seen = presence.others.getSnapshot()
  let places = noPlaces
  return {
    tell(own, isLast) {
      rest?.()
      rest = isLast ? scope.timeout(() => presence.tell({ moving: undefined }), lingerMs) : null
      presence.tell({ moving: writePlaces(own) })
    },
    others() {
      const now = presence.others.getSnapshot()
      if (now === seen) return places
      seen = now
      const gathered = new Map([...now.values()].flatMap(({ moving }) => [...(moving ?? noPlaces)]))
      places = gathered.size > 0 ? gathered : noPlaces
      return places
    },
    onChange: (listener) => presence.others.subscribe(listener),
  }
}

/** As it is sent: to a hundredth, and no more than fits. What does not fit is seen when the document has it. */
export function writePlaces(places: Places): Places {
  const written = new Map<string, readonly [number, number]>()
  let bytes = 0
  for (const [id, [x, y]] of places) {
    bytes += id.length + placeBytes
    if (bytes > maxBytes) break
    written.set(id, [Math.round(x * 100) / 100, Math.round(y * 100) / 100])
  }
  return written
}

/** Reads what somebody says; what makes no sense is left out. */
export function readPlaces(value: unknown): Places | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const places = new Map<string, readonly [number, number]>()
  for (const [id, place] of Object.entries(value)) {
    if (!Array.isArray(place) || place.length !== 2 || !place.every(Number.isFinite)) continue
    places.set(id, [place[0], place[1]])
  }
  return places.size > 0 ? places : undefined
}
