import type { Scope } from '../scope'
import type { LiveReaction } from './state'

const shownMs = 5_000

/** The emoji that float now; each goes by itself after a while. */
export class LiveReactions {
  readonly #scope: Scope
  readonly #onChange: (reactions: ReadonlyArray<LiveReaction>) => void
  #reactions: ReadonlyArray<LiveReaction> = []
  #lastKey = 0

  constructor(scope: Scope, onChange: (reactions: ReadonlyArray<LiveReaction>) => void) {
    this.#scope = scope
    this.#onChange = onChange
  }

  add(participantId: string, emoji: string): void {
    this.#lastKey += 1
    const reaction = { key: this.#lastKey, participantId, emoji, at: Date.now() }
    this.#set([...this.#reactions, reaction])
    this.#scope.timeout(() => this.#set(this.#reactions.filter((one) => one !== reaction)), shownMs)
  }

  #set(reactions: ReadonlyArray<LiveReaction>): void {
    this.#reactions = reactions
    this.#onChange(reactions)
  }
}
