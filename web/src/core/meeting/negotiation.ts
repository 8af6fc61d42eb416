/**
 * Runs one negotiation at a time. Requests that come while one runs are answered together by the next, so that however
 * many things change at once there is at most one offer under way and one to follow.
 */
export class NegotiationQueue {
  readonly #negotiate: () => Promise<void>
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null

  constructor(negotiate: () => Promise<void>) {
    this.#negotiate = negotiate
  }

  /** Resolves or rejects with the first negotiation that begins after this call. */
  request(): Promise<void> {
    if (this.#next) return this.#next
    if (!this.#running) return this.#run()
    const again = () => {
      this.#next = null
      return this.#run()
    }
    this.#next = this.#running.then(again, again)
    return this.#next
  }

  #run(): Promise<void> {
    const run = this.#negotiate()
    this.#running = run
    const done = () => {
      if (this.#running === run) this.#running = null
    }
    run.then(done, done)
    return run
  }
}
