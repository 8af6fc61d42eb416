/** A listener target as browsers have many: EventTarget, or an object with the same two methods. */
interface ListenerTarget {
  addEventListener(type: string, listener: (event: Event) => void): void
  removeEventListener(type: string, listener: (event: Event) => void): void
}

/**
 * The life of something: what is registered here ends with it, the last registered first. Nothing runs after the end:
 * a timer that is added to an ended scope never starts, and a track is stopped at once.
 */
export class Scope {
  readonly #ends = new Set<() => void>()
  #ended = false

  get ended(): boolean {
    return this.#ended
  }

  /** Registers what to do at the end; the result does it now instead. */
  add(end: () => void): () => void {
    if (this.#ended) {
      end()
      return () => {}
    }
    const once = () => {
      if (this.#ends.delete(once)) end()
    }
    this.#ends.add(once)
    return once
  }

  child(): Scope {
    const child = new Scope()
    const forget = this.add(() => child.end())
    child.add(forget)
    return child
  }

  timeout(run: () => void, delayMs: number): () => void {
    if (this.#ended) return () => {}
    const timer = setTimeout(() => {
      forget()
      run()
    }, delayMs)
    const forget = this.add(() => clearTimeout(timer))
    return forget
  }

  interval(run: () => void, everyMs: number): () => void {
    if (this.#ended) return () => {}
    const timer = setInterval(run, everyMs)
    return this.add(() => clearInterval(timer))
  }

  listen(target: ListenerTarget, type: string, listener: (event: Event) => void): () => void {
    if (this.#ended) return () => {}
    target.addEventListener(type, listener)
    return this.add(() => target.removeEventListener(type, listener))
  }

  /** Stops the track at the end. */
  track(track: MediaStreamTrack): () => void {
    return this.add(() => track.stop())
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const end of [...this.#ends].reverse()) end()
    this.#ends.clear()
  }
}
