import type { Awareness } from 'y-protocols/awareness'
import type { Scope } from '@/core/scope'
import { StateStore, type Store } from '@/core/store'
import { type Places, readPlaces } from './moves'
import type { BoardPerson } from './names'

export interface Pointer {
  x: number
  y: number
  tool: 'pointer' | 'laser'
}

export interface Reaction {
  emoji: string
  x: number
  y: number
  /** Tells one from the next; counts up. */
  number: number
}

/** Left, top, right, bottom of what somebody sees, on the canvas. */
export type View = readonly [number, number, number, number]

/** What one connection tells the others of itself. */
export interface Presence {
  user: BoardPerson
  pointer?: Pointer | undefined
  button?: 'up' | 'down' | undefined
  selected?: readonly string[] | undefined
  view?: View | undefined
  /** The connection (client id) whose view is followed. */
  following?: number | undefined
  reaction?: Reaction | undefined
  /** Where the elements are that are moved just now; sent as an object by id. */
  moving?: Places | undefined
}

export type OwnPresence = Omit<Presence, 'user'>

const sendEveryMs = 66
/** While few enough elements are moved, so that the others see them go smoothly. */
const movingEveryMs = 33
const fewMoved = 60
const readEveryMs = 33
const maxSelected = 120

/** Who is at the board besides us and what they point at; and what we tell them, at most fifteen times a second, or thirty. */
export class BoardPresence {
  readonly #awareness: Awareness
  readonly #scope: Scope
  readonly #others = new StateStore<ReadonlyMap<number, Presence>>(new Map())
  #own: Presence
  #waiting = false
  #sentAt = Number.NEGATIVE_INFINITY

  constructor(awareness: Awareness, person: BoardPerson, scope: Scope) {
    this.#awareness = awareness
    this.#scope = scope
    this.#own = { user: person }
    awareness.setLocalState(this.#own)
    // With many at the board somebody moves in every millisecond; nobody sees more than thirty pictures a second.
    let isDue = false
    const read = () => {
      if (isDue) return
      isDue = true
      scope.timeout(() => {
        isDue = false
        this.#others.set(readOthers(awareness))
      }, readEveryMs)
    }
    awareness.on('change', read)
    scope.add(() => awareness.off('change', read))
  }

  get others(): Store<ReadonlyMap<number, Presence>> {
    return this.#others
  }

  get clientId(): number {
    return this.#awareness.clientID
  }

  /** Changes what others see of us. */
  tell(change: Partial<OwnPresence>): void {
    const selected = change.selected?.slice(0, maxSelected)
    this.#own = { ...this.#own, ...change, ...(selected ? { selected } : {}) }
    if (this.#waiting) return
    this.#waiting = true
    const { moving } = this.#own
    const everyMs = moving && moving.size <= fewMoved ? movingEveryMs : sendEveryMs
    this.#scope.timeout(() => this.#send(), Math.max(0, this.#sentAt + everyMs - performance.now()))
  }

  #send() {
    this.#waiting = false
    this.#sentAt = performance.now()
    const { moving, ...own } = this.#own
    this.#awareness.setLocalState(moving ? { ...own, moving: Object.fromEntries(moving) } : own)
  }
}

function readOthers(awareness: Awareness): Map<number, Presence> {
  const others = new Map<number, Presence>()
  for (const [client, state] of awareness.getStates()) {
    if (client === awareness.clientID) continue
    const presence = readPresence(state)
    if (presence) others.set(client, presence)
  }
  return others
}

/** Reads what somebody else says; parts that make no sense are left out. */
export function readPresence(state: unknown): Presence | null {
  const fields = record(state)
  const user = record(fields.user)
  if (typeof user.key !== 'string' || typeof user.name !== 'string') return null
  const presence: Presence = { user: { key: user.key, name: user.name.slice(0, 100) } }
  if (typeof user.avatarUrl === 'string') presence.user.avatarUrl = user.avatarUrl
  const { x, y, tool } = record(fields.pointer)
  if (isNumber(x) && isNumber(y)) presence.pointer = { x, y, tool: tool === 'laser' ? 'laser' : 'pointer' }
  if (fields.button === 'down' || fields.button === 'up') presence.button = fields.button
  if (Array.isArray(fields.selected)) {
    presence.selected = fields.selected.filter((id) => typeof id === 'string').slice(0, maxSelected)
  }
  if (Array.isArray(fields.view) && fields.view.length === 4 && fields.view.every(isNumber)) {
    presence.view = fields.view as unknown as View
  }
  if (isNumber(fields.following)) presence.following = fields.following
  const reaction = record(fields.reaction)
  if (typeof reaction.emoji === 'string' && isNumber(reaction.x) && isNumber(reaction.y)) {
    const number = isNumber(reaction.number) ? reaction.number : 0
    presence.reaction = { emoji: reaction.emoji.slice(0, 16), x: reaction.x, y: reaction.y, number }
  }
  const moving = readPlaces(fields.moving)
  if (moving) presence.moving = moving
  return presence
}

const isNumber = (value: unknown): value is number => Number.isFinite(value)

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
