/** What a view may read: the same snapshot until something changed, and a way to hear of changes. */
export interface Store<T> {
  getSnapshot(): T
  subscribe(listener: () => void): () => void
}

/** A store that owns its snapshot. Snapshots are immutable: a change makes a new one, sharing the parts that stayed. */
export class StateStore<T> implements Store<T> {
  readonly #listeners = new Set<() => void>()
  #snapshot: T

  constructor(initial: T) {
    this.#snapshot = initial
  }

  readonly getSnapshot = (): T => this.#snapshot

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Replaces the snapshot and tells the listeners, unless it is the one that is there already. */
  set(next: T): void {
    if (Object.is(next, this.#snapshot)) return
    this.#snapshot = next
    for (const listener of [...this.#listeners]) listener()
  }

  update(change: (snapshot: T) => T): void {
    this.set(change(this.#snapshot))
  }
}
