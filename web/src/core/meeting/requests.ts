import type { ServerMessage } from './wire'

/** A request that the server refused, or that got no answer. */
export class SignalError extends Error {
  readonly code: string
  readonly params: Record<string, unknown>

  constructor(code: string, message: string, params: Record<string, unknown> = {}) {
    super(message)
    this.name = 'SignalError'
    this.code = code
    this.params = params
  }
}

/** The code of any failure, for texts; what is not ours is internal. */
export function codeOf(error: unknown): string {
  return error instanceof SignalError ? error.code : 'internal'
}

export type Answer = Extract<ServerMessage, { type: 'ok' | 'published' | 'pong' }>

interface Open {
  resolve(answer: Answer): void
  reject(error: SignalError): void
  timer: ReturnType<typeof setTimeout>
}

/** Open requests by id. Each is settled once: by its answer, its timeout, or the end of the connection. */
export class Requests {
  readonly #open = new Map<number, Open>()
  #lastId = 0

  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  wait(id: number, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#open.delete(id)
        reject(new SignalError('timedOut', `no answer to request ${id}`))
      }, timeoutMs)
      this.#open.set(id, { resolve, reject, timer })
    })
  }

  /** Returns whether the message answered an open request. */
  settle(message: ServerMessage): boolean {
    const request = message.id === undefined ? undefined : this.#open.get(message.id)
    if (!request || message.id === undefined) return false
    this.#open.delete(message.id)
    clearTimeout(request.timer)
    if (message.type === 'error')
      request.reject(new SignalError(message.code, message.message, message.params))
    else request.resolve(message as Answer)
    return true
  }

  rejectAll(code: string): void {
    for (const request of this.#open.values()) {
      clearTimeout(request.timer)
      request.reject(new SignalError(code, 'the connection was lost'))
    }
    this.#open.clear()
  }
}
