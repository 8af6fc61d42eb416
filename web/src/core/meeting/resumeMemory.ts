import type { Scope } from '../scope'
import { clearResume, type ResumeRecord, writeResume } from './resumeToken'

/** Keeps in the tab what a reload of the page needs to come back as the same participant. */
export class ResumeMemory {
  readonly #code: string
  readonly #choices: () => Pick<ResumeRecord, 'microphone' | 'camera' | 'name'>
  #token: string | null = null
  #keptMs = 0

  constructor(
    code: string,
    scope: Scope,
    choices: () => Pick<ResumeRecord, 'microphone' | 'camera' | 'name'>,
  ) {
    this.#code = code
    this.#choices = choices
    if (typeof window !== 'undefined') scope.listen(window, 'pagehide', () => this.refresh())
  }

  keep(token: string, keptMs: number): void {
    this.#token = token
    this.#keptMs = keptMs
    this.refresh()
  }

  /** The connection lives: from now on the server would keep us for the whole time again. */
  refresh(): void {
    if (this.#token === null) return
    writeResume(this.#code, {
      token: this.#token,
      validUntil: Date.now() + this.#keptMs,
      ...this.#choices(),
    })
  }

  forget(): void {
    this.#token = null
    clearResume(this.#code)
  }
}
