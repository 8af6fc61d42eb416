import type * as Y from 'yjs'
import type { Scope } from '@/core/scope'
import { StateStore, type Store } from '@/core/store'
import { elementsRoot, metaRoot, votesRoot } from './names'

export interface Tally {
  /** Votes a person has in all; null where there is no voting. */
  each: number | null
  /** How many of one's own are left. */
  left: number
  /** By element: all votes, and one's own. */
  byElement: ReadonlyMap<string, { all: number; own: number }>
}

const maxEach = 100

/**
 * The votes of a board: one entry for each person and element, so that votes given at the same moment all count. A board
 * has voting when its document says how many votes each person has.
 */
export class BoardVotes {
  readonly #meta: Y.Map<unknown>
  readonly #votes: Y.Map<unknown>
  readonly #elements: Y.Map<unknown>
  readonly #personKey: string
  readonly #tally: StateStore<Tally>

  constructor(doc: Y.Doc, personKey: string, scope: Scope) {
    this.#meta = doc.getMap(metaRoot)
    this.#votes = doc.getMap(votesRoot)
    this.#elements = doc.getMap(elementsRoot)
    this.#personKey = personKey
    this.#tally = new StateStore(this.#count())
    const count = () => this.#tally.set(this.#count())
    // What was voted for comes and goes with its element; changes of elements are too many to count at each.
    const recount = (event: Y.YMapEvent<unknown>) => {
      if ([...event.changes.keys.values()].some(({ action }) => action !== 'update')) count()
    }
    this.#meta.observe(count)
    this.#votes.observe(count)
    this.#elements.observe(recount)
    scope.add(() => {
      this.#meta.unobserve(count)
      this.#votes.unobserve(count)
      this.#elements.unobserve(recount)
    })
  }

  get tally(): Store<Tally> {
    return this.#tally
  }

  /** Gives one vote to an element, while there are any left. */
  give(elementId: string): void {
    if (this.#tally.getSnapshot().left > 0) this.#change(elementId, 1)
  }

  /** Takes one's own vote back. */
  takeBack(elementId: string): void {
    this.#change(elementId, -1)
  }

  #change(elementId: string, by: number) {
    const key = `${elementId}:${this.#personKey}`
    const count = countOf(this.#votes.get(key)) + by
    if (count > 0) this.#votes.set(key, count)
    else if (this.#votes.has(key)) this.#votes.delete(key)
  }

  #count(): Tally {
    const allowed = countOf(this.#meta.get('votes'))
    const each = allowed > 0 ? Math.min(allowed, maxEach) : null
    const byElement = new Map<string, { all: number; own: number }>()
    let given = 0
    for (const [key, value] of this.#votes.entries()) {
      const at = key.indexOf(':')
      const count = Math.min(countOf(value), each ?? 0)
      if (count === 0 || !this.#elements.has(key.slice(0, at))) continue
      const isOwn = key.slice(at + 1) === this.#personKey
      const before = byElement.get(key.slice(0, at)) ?? { all: 0, own: 0 }
      const own = isOwn ? count : 0
      byElement.set(key.slice(0, at), { all: before.all + count, own: before.own + own })
      given += own
    }
    return { each, left: Math.max(0, (each ?? 0) - given), byElement }
  }
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : 0
}
