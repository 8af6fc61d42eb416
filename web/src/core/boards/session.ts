import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { Scope } from '@/core/scope'
import { StateStore, type Store } from '@/core/store'
import { Binding, type BindingRefusal, type BoardScene } from './binding'
import { type BoardEvent, type BoardLimits, usualLimits } from './events'
import { KeptDocument } from './keptDocument'
import { type ClosedWhy, openLink } from './link'
import { presenceMoves } from './moves'
import { type BoardPerson, type BoardRole, elementsRoot, mayDraw, metaRoot } from './names'
import { BoardPresence } from './presence'
import { BoardVotes } from './votes'

/** What was drawn here and not taken. */
export interface Refusal {
  code: string
  /** The number of the limit, where there is one. */
  max: number | null
  /** It is off the canvas again; otherwise the server refused it, and it is still in this browser's copy. */
  isTakenBack: boolean
}

/** What the board is to the person at the moment. */
export interface BoardState {
  /**
   * `loading`: nothing to show yet; `live`; `offline`: what is drawn is kept here and sent later; the rest is final:
   * `gone` (deleted, or not known to this person), `denied` (no access any more), `signedOut`, `fault`.
   */
  phase: 'loading' | 'live' | 'offline' | ClosedWhy
  /** The board was taken away from somebody who saw it: it stays as it was on this page, to be read and saved. */
  remains: boolean
  /** Unknown until the server was reached once. */
  role: BoardRole | null
  /** The role would allow drawing, but the board takes no changes now. */
  held: boolean
  /** The server cannot save at the moment; drawing goes on while it can. */
  unsaved: boolean
  refused: Refusal | null
}

interface SessionOptions {
  boardId: string
  person: BoardPerson
  /** Where the server is. Defaults to what served the page. */
  base?: string
}

/** One person's visit to a board: the document, its connection, what this browser keeps of it, and who else is there. */
export class BoardSession {
  readonly doc = new Y.Doc()
  readonly presence: BoardPresence
  readonly votes: BoardVotes
  readonly #scope = new Scope()
  readonly #kept: KeptDocument
  readonly #state = new StateStore<BoardState>({
    phase: 'loading',
    remains: false,
    role: null,
    held: false,
    unsaved: false,
    refused: null,
  })
  #limits: BoardLimits = usualLimits
  #isSynced = false

  constructor({ boardId, person, base }: SessionOptions) {
    const awareness = new Awareness(this.doc)
    this.presence = new BoardPresence(awareness, person, this.#scope)
    this.votes = new BoardVotes(this.doc, person.key, this.#scope)
    this.#kept = new KeptDocument(this.doc, person.key, boardId)
    this.#scope.add(() => awareness.destroy())
    // What is kept here comes first: the server is then asked only for what is missing.
    void this.#kept.loaded.then((role) => {
      if (this.#scope.ended) return
      if (role) this.#change({ phase: 'offline', role })
      openLink({ boardId, doc: this.doc, awareness, scope: this.#scope, listener: this.#listener, base })
    })
  }

  get state(): Store<BoardState> {
    return this.#state
  }

  get elements(): Y.Map<unknown> {
    return this.doc.getMap(elementsRoot)
  }

  get meta(): Y.Map<unknown> {
    return this.doc.getMap(metaRoot)
  }

  get scope(): Scope {
    return this.#scope
  }

  get limits(): BoardLimits {
    return this.#limits
  }

  /** Whether what the person does to the canvas goes into the document. */
  readonly mayWrite = (): boolean => canDraw(this.#state.getSnapshot())

  bind(scene: BoardScene): Binding {
    return new Binding({
      elements: this.elements,
      scene,
      scope: this.#scope,
      moves: presenceMoves(this.presence, this.#scope),
      mayWrite: this.mayWrite,
      limits: () => this.#limits,
      onRefused: (code: BindingRefusal) => {
        const max = code === 'tooManyElements' ? this.#limits.elements : null
        this.#change({ refused: { code, max, isTakenBack: true } })
      },
    })
  }

  /** Puts away what was said about a refusal. */
  readonly dismissRefusal = (): void => this.#change({ refused: null })

  /** Drops what this browser has of the board; a new session then begins with what the server has. */
  async discard(): Promise<void> {
    this.#scope.end()
    await this.#kept.clear()
    this.doc.destroy()
  }

  /** Leaves the board. What is not sent yet stays in this browser. */
  end(): void {
    if (this.#scope.ended) return
    this.#scope.end()
    void this.#kept.close().then(() => this.doc.destroy())
  }

  readonly #listener = {
    connected: (isConnected: boolean) => {
      if (isConnected) return
      this.#isSynced = false
      if (this.#state.getSnapshot().phase === 'live') this.#change({ phase: 'offline' })
    },
    synced: () => {
      this.#isSynced = true
      this.#enter()
    },
    event: (event: BoardEvent) => this.#hear(event),
    closed: (why: ClosedWhy) => {
      const { phase } = this.#state.getSnapshot()
      const isTaken = why === 'denied' || why === 'gone'
      this.#change({ phase: why, remains: isTaken && phase !== 'loading' })
      if (isTaken) void this.#kept.clear()
    },
  }

  #enter() {
    if (this.#isSynced && this.#state.getSnapshot().role) this.#change({ phase: 'live' })
  }

  #hear(event: BoardEvent) {
    switch (event.type) {
      case 'ready':
        this.#limits = event.limits
        this.#keepRole(event.role)
        this.#change({ role: event.role, held: isHeld(event), unsaved: false, refused: null })
        this.#enter()
        return
      case 'role':
        this.#keepRole(event.role)
        this.#change({ role: event.role, held: isHeld(event) })
        return
      case 'refused':
        this.#change({ refused: { code: event.code, max: event.max, isTakenBack: false } })
        return
      case 'accepted':
        this.#change({ refused: null })
        return
      case 'trouble':
        this.#change({ unsaved: true, held: this.#heldWith(event.canWrite) })
        return
      case 'healed':
        this.#change({ unsaved: false, held: this.#heldWith(event.canWrite) })
        return
      case 'closing':
        return
    }
  }

  #keepRole(role: BoardRole) {
    this.#kept.keepRole(role).catch(() => {})
  }

  #heldWith(canWrite: boolean): boolean {
    return !canWrite && mayDraw(this.#state.getSnapshot().role)
  }

  #change(change: Partial<BoardState>) {
    this.#state.update((state) => {
      const isFinal = !['loading', 'live', 'offline'].includes(state.phase)
      return isFinal ? state : { ...state, ...change }
    })
  }
}

function isHeld({ role, canWrite }: { role: BoardRole; canWrite: boolean }): boolean {
  return !canWrite && mayDraw(role)
}

/** Whether the person may draw now. */
export function canDraw({ phase, role, held }: BoardState): boolean {
  return (phase === 'live' || phase === 'offline') && mayDraw(role) && !held
}
