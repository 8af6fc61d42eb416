import { Scope } from '../scope'

/** Tells whether the browser refuses to play sound before a gesture. */
export type OnBlocked = (blocked: boolean) => void

interface Playing {
  element: HTMLAudioElement
  stream: MediaStream
  scope: Scope
}

/** Somebody's sound. */
export interface AudibleStream {
  participantId: string
  stream: MediaStream
}

/**
 * Plays what others say: one element for each audio publication, outside the page's views, so that no rendering ever
 * interrupts it. When the browser refuses to start, the next gesture or resume() starts all of them.
 */
export class RemoteAudio {
  readonly #onBlocked: OnBlocked
  readonly #scope = new Scope()
  readonly #playing = new Map<string, Playing>()
  #speakerId = ''
  #gestures: Scope | null = null

  constructor(onBlocked: OnBlocked) {
    this.#onBlocked = onBlocked
  }

  /** Plays exactly these streams, by publication. */
  play(streams: ReadonlyMap<string, AudibleStream>): void {
    if (this.#scope.ended) return
    for (const [id, playing] of [...this.#playing]) {
      if (streams.get(id)?.stream === playing.stream) continue
      playing.scope.end()
      this.#playing.delete(id)
    }
    for (const [id, audible] of streams) if (!this.#playing.has(id)) this.#add(id, audible)
  }

  /** Sends the sound to a speaker; empty is the system's default. */
  async setSpeaker(id: string): Promise<void> {
    if (id === this.#speakerId) return
    this.#speakerId = id
    await Promise.all([...this.#playing.values()].map(({ element }) => this.#route(element)))
  }

  /** Tries again what the browser refused; call it in a click. */
  async resume(): Promise<void> {
    const started = await Promise.all([...this.#playing.values()].map(({ element }) => start(element)))
    if (started.every(Boolean)) this.#unblock()
  }

  close(): void {
    this.#gestures?.end()
    this.#scope.end()
    this.#playing.clear()
  }

  #add(id: string, { participantId, stream }: AudibleStream): void {
    const scope = this.#scope.child()
    const element = document.createElement('audio')
    element.autoplay = true
    element.setAttribute('playsinline', '')
    element.hidden = true
    element.dataset.publicationId = id
    element.dataset.participantId = participantId
    element.srcObject = stream
    // iOS plays only what is part of the page.
    document.body.append(element)
    scope.add(() => {
      element.pause()
      element.srcObject = null
      element.remove()
    })
    // A call or another app may pause the element; it goes on when the page is back.
    scope.listen(document, 'visibilitychange', () => {
      if (document.visibilityState === 'visible' && element.paused) void this.#start(element)
    })
    this.#playing.set(id, { element, stream, scope })
    void this.#route(element)
    void this.#start(element)
  }

  async #start(element: HTMLAudioElement): Promise<void> {
    if (!(await start(element)) && element.isConnected) this.#block()
  }

  async #route(element: HTMLAudioElement): Promise<void> {
    if (!('setSinkId' in element) || element.sinkId === this.#speakerId) return
    try {
      await element.setSinkId(this.#speakerId)
    } catch {
      // The speaker was unplugged in the meantime: the default one then.
      await element.setSinkId('').catch(() => {})
    }
  }

  #block(): void {
    if (this.#gestures) return
    this.#gestures = this.#scope.child()
    for (const type of ['pointerup', 'keydown'])
      this.#gestures.listen(document, type, () => void this.resume())
    this.#onBlocked(true)
  }

  #unblock(): void {
    if (!this.#gestures) return
    this.#gestures.end()
    this.#gestures = null
    this.#onBlocked(false)
  }
}

/** Returns whether it plays; only a refusal counts as not, an interrupted load starts by itself. */
async function start(element: HTMLAudioElement): Promise<boolean> {
  try {
    await element.play()
    return true
  } catch (error) {
    return !(error instanceof DOMException && error.name === 'NotAllowedError')
  }
}
