import { onWake, retryDelayMs } from '@/core/reconnect'
import type { Scope } from '@/core/scope'
import { StateStore, type Store } from '@/core/store'
import { Database } from './database'
import { picturesName, picturesStore as store } from './kept'
import { type BoardServer, RefusedPicture } from './server'

/** A picture ready for a board: what the server takes, and its name there. */
export interface Picture {
  /** SHA-256 of the bytes in hex, which is the server's id for it. */
  id: string
  bytes: Blob
}

export interface PictureState {
  /** Pictures that wait here until they can be sent. */
  waiting: number
  /** Code of the fault with which the server refused one. */
  refused: string | null
}

const atOnce = 4
const maxRetryMs = 30_000

type Found = (id: string, bytes: Blob) => void

interface PicturesOptions {
  boardId: string
  personKey: string
  server: BoardServer
  scope: Scope
  onFound: Found
  /** The server has no such picture, and nobody is sending it. */
  onMissing: (id: string) => void
}

/**
 * The pictures of a board. New ones are kept in this browser until the server has them, so that they outlive a lost
 * connection and the page; those of others are fetched when they are first seen on the board, a few at a time.
 */
export class BoardPictures {
  readonly #options: PicturesOptions
  readonly #kept: Database
  readonly #state = new StateStore<PictureState>({ waiting: 0, refused: null })
  readonly #unsent = new Map<string, Blob>()
  readonly #queue: string[] = []
  readonly #attempts = new Map<string, number>()
  readonly #known = new Set<string>()
  #running = 0
  #sending = false
  #sendAttempts = 0

  constructor(options: PicturesOptions) {
    this.#options = options
    this.#kept = new Database(picturesName(options.personKey, options.boardId), [store])
    options.scope.add(() => void this.#kept.close())
    onWake(options.scope, () => void this.#send())
    void this.#restore()
  }

  get state(): Store<PictureState> {
    return this.#state
  }

  /** Takes a picture that the person put on the board. */
  add({ id, bytes }: Picture): void {
    if (this.#known.has(id)) return
    this.#known.add(id)
    this.#unsent.set(id, bytes)
    this.#tell()
    this.#kept.put(store, id, bytes).catch(() => {})
    void this.#send()
  }

  /** Asks for pictures that are on the board; those that are here or under way are passed over. */
  want(ids: Iterable<string>): void {
    for (const id of ids) {
      if (this.#known.has(id)) continue
      this.#known.add(id)
      this.#queue.push(id)
    }
    this.#next()
  }

  /** Asks again for what could not be had. */
  retry(id: string): void {
    this.#attempts.delete(id)
    this.#known.delete(id)
    this.want([id])
  }

  /** Tries to send what waits, as when the connection is back. */
  resume(): void {
    void this.#send()
  }

  async #restore() {
    try {
      for (const id of await this.#kept.keys(store)) {
        const bytes = await this.#kept.get<Blob>(store, id)
        if (!bytes || this.#options.scope.ended) continue
        this.#known.add(id)
        this.#unsent.set(id, bytes)
        this.#options.onFound(id, bytes)
      }
    } catch {
      return // nothing can be kept in this browser
    }
    this.#tell()
    void this.#send()
  }

  async #send() {
    if (this.#sending || this.#options.scope.ended) return
    this.#sending = true
    for (const [id, bytes] of this.#unsent) {
      try {
        await this.#options.server.sendPicture(bytes)
      } catch (error) {
        if (!(error instanceof RefusedPicture)) {
          this.#sending = false
          this.#options.scope.timeout(() => void this.#send(), retryDelayMs(++this.#sendAttempts, maxRetryMs))
          return
        }
        this.#state.update((state) => ({ ...state, refused: error.code }))
        this.#options.onMissing(id)
      }
      this.#sendAttempts = 0
      this.#unsent.delete(id)
      this.#kept.delete(store, id).catch(() => {})
      this.#tell()
      if (this.#options.scope.ended) return
    }
    this.#sending = false
  }

  #tell() {
    this.#state.update((state) => ({ ...state, waiting: this.#unsent.size }))
  }

  #next() {
    while (this.#running < atOnce) {
      const id = this.#queue.shift()
      if (id === undefined) return
      this.#running++
      void this.#fetch(id).finally(() => {
        this.#running--
        if (!this.#options.scope.ended) this.#next()
      })
    }
  }

  async #fetch(id: string) {
    const { scope, server, onFound, onMissing } = this.#options
    try {
      const bytes = await server.fetchPicture(id)
      if (!scope.ended) onFound(id, bytes)
      return
    } catch {
      if (scope.ended) return
    }
    // Who put it there may still be sending it: it is asked for again, ever less often.
    const attempt = (this.#attempts.get(id) ?? 0) + 1
    this.#attempts.set(id, attempt)
    if (attempt >= 2) onMissing(id)
    scope.timeout(
      () => {
        this.#queue.push(id)
        this.#next()
      },
      retryDelayMs(attempt + 2, maxRetryMs),
    )
  }
}
