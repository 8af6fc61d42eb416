import type * as Y from 'yjs'
import type { Scope } from '@/core/scope'
import { type BoardElement, compareOrder, isBegun, isMoved, readElement, sizeOf } from './element'
import { type Moves, noPlaces, type Places } from './moves'

/** The editor's side of a binding: what is on the canvas. */
export interface BoardScene {
  /** All elements, deleted ones too. */
  elements(): readonly BoardElement[]
  /** What the person draws, moves or types in right now. */
  busy(): ReadonlySet<string>
  /** Puts these elements on the canvas, without a step for undo. May change the index of elements that share one. */
  show(elements: BoardElement[]): void
  /** Calls after every change of the canvas, whoever made it; the result stops that. */
  onChange(listener: () => void): () => void
}

export interface BindingLimits {
  elements: number
  /** Of one element as JSON. */
  elementBytes: number
}

export type BindingRefusal = 'tooManyElements' | 'elementTooLarge'

interface BindingOptions {
  elements: Y.Map<unknown>
  scene: BoardScene
  scope: Scope
  moves: Moves
  mayWrite: () => boolean
  limits: () => BindingLimits
  /** An element was taken off the canvas because the board cannot take it. */
  onRefused: (why: BindingRefusal) => void
}

/** Of the document's value and of the same element on the canvas, whose index may have been mended there. */
interface Agreed {
  document: number
  canvas: number
  index: string | null
  /** The element as both had it. */
  value: BoardElement
}

/** Writes and shows happen at most this often. */
const tickMs = 33
/** A long stroke is written whole each time, so its writes are spread to this rate. */
const bytesPerMs = 64
/** However much was written at once, what comes after it must not stay unwritten for long. */
const longestPauseMs = 3000
/** Of one update; the server takes 256 KiB. */
const updateBytes = 96 * 1024
/**
 * A document keeps something of each value that was overwritten, for ever. When the hand moves more elements than these,
 * the others are told where they are beside the document, which is written when they are put down, and now and then.
 */
const few = 4
const heldMs = 2000

/**
 * Keeps the canvas and the document's elements the same. The document decides: a value from it replaces the element on
 * the canvas, but for what the person has in hand, which follows when it is let go. Only what changed on the canvas since
 * both agreed is written, so nothing that comes in ever goes back out.
 */
export class Binding {
  readonly #elements: Y.Map<unknown>
  readonly #scene: BoardScene
  readonly #scope: Scope
  readonly #options: BindingOptions
  readonly #agreed = new Map<string, Agreed>()
  readonly #incoming = new Set<string>()
  /** What the hand moves and others were told of; and since when the document lacks it. */
  #told: ReadonlySet<string> = new Set()
  #heldSince: number | null = null
  /** Where the canvas shows what others move. */
  #places: Places = noPlaces
  #due: { at: number; cancel: () => void } | null = null
  #nextWriteAt = 0
  #nextTickAt = 0

  constructor(options: BindingOptions) {
    this.#options = options
    this.#elements = options.elements
    this.#scene = options.scene
    this.#scope = options.scope.child()
    for (const id of this.#elements.keys()) this.#incoming.add(id)
    this.#show()
    const observe = (event: Y.YMapEvent<unknown>, transaction: Y.Transaction) => {
      if (transaction.origin === this) return
      for (const id of event.keysChanged) this.#incoming.add(id)
      this.#schedule()
    }
    this.#elements.observe(observe)
    this.#scope.add(() => this.#elements.unobserve(observe))
    this.#scope.add(this.#scene.onChange(() => this.#schedule()))
    this.#scope.add(
      options.moves.onChange(() => {
        if (options.moves.others() !== this.#places) this.#schedule()
      }),
    )
  }

  /** Writes what is not written yet and lets go of both sides. */
  end(): void {
    if (this.#scope.ended) return
    this.#write()
    this.#scope.end()
  }

  /** Writes and shows what waits for its turn. */
  flush(): void {
    this.#due?.cancel()
    this.#due = null
    this.#write()
    this.#show()
  }

  #schedule(at = this.#nextTickAt) {
    if (this.#due !== null && this.#due.at <= at) return
    this.#due?.cancel()
    const cancel = this.#scope.timeout(() => this.#tick(), Math.max(0, at - performance.now()))
    this.#due = { at, cancel }
  }

  #tick() {
    this.#due = null
    const now = performance.now()
    this.#nextTickAt = now + tickMs
    const held = this.#hold(now)
    if (now >= this.#nextWriteAt)
      this.#nextWriteAt = now + Math.min(longestPauseMs, this.#write(held) / bytesPerMs)
    else this.#schedule(this.#nextWriteAt)
    this.#show()
    if (this.#heldSince !== null) this.#schedule(Math.max(now, this.#nextWriteAt, this.#heldSince + heldMs))
  }

  /** Tells the others where the many are that the hand moves; gives those that need not be written yet. */
  #hold(now: number): ReadonlySet<string> {
    const moved = this.#moved()
    if (moved.size > 0) {
      this.#options.moves.tell(moved, false)
      this.#told = new Set(moved.keys())
      this.#heldSince ??= now
    } else if (this.#told.size > 0 && !this.#isBusy(this.#told)) {
      const told = this.#scene.elements().filter(({ id, isDeleted }) => this.#told.has(id) && !isDeleted)
      this.#options.moves.tell(placesOf(told), true)
      this.#told = new Set()
    }
    const isDue = this.#heldSince !== null && now - this.#heldSince >= heldMs && now >= this.#nextWriteAt
    if (moved.size === 0 || isDue) this.#heldSince = null
    return isDue ? new Set() : new Set(moved.keys())
  }

  #isBusy(ids: ReadonlySet<string>): boolean {
    const busy = this.#scene.busy()
    return [...ids].some((id) => busy.has(id))
  }

  /** What the hand moves and the document lacks, when that is many. */
  #moved(): Places {
    if (!this.#options.mayWrite()) return noPlaces
    const busy = this.#scene.busy()
    if (busy.size <= few) return noPlaces
    const moved = this.#scene.elements().filter((element) => {
      const agreed = this.#agreed.get(element.id)
      return agreed && busy.has(element.id) && this.#isChanged(element) && isMoved(element, agreed.value)
    })
    return moved.length > few ? placesOf(moved) : noPlaces
  }

  /** Whether the canvas has something about an element that the document has not. */
  #isChanged(element: BoardElement): boolean {
    const agreed = this.#agreed.get(element.id)
    if (element.isDeleted) return agreed !== undefined
    return agreed ? agreed.canvas !== element.versionNonce : !isBegun(element)
  }

  /** What is to be written: elements that were set, or null for those that are gone. */
  #changes(): Map<string, BoardElement | null> {
    const changes = new Map<string, BoardElement | null>()
    const elements = this.#scene.elements()
    // An editor that was reset holds nothing, not even what was deleted: that is nobody's act.
    if (elements.length === 0) return changes
    for (const element of elements) {
      if (this.#isChanged(element)) changes.set(element.id, element.isDeleted ? null : element)
    }
    if (elements.length < this.#agreed.size || changes.size > 0) {
      const present = new Set(elements.map(({ id }) => id))
      for (const id of this.#agreed.keys()) if (!present.has(id)) changes.set(id, null)
    }
    return changes
  }

  /** Writes what changed on the canvas, but for what is held back; the number of bytes, estimated. */
  #write(held: ReadonlySet<string> = new Set()): number {
    if (!this.#options.mayWrite()) return 0
    const changes = this.#changes()
    for (const id of held) if (changes.get(id)) changes.delete(id)
    const refused = this.#refuse(changes)
    let bytes = 0
    let part: [string, BoardElement | null][] = []
    let partBytes = 0
    const commit = () => {
      if (part.length === 0) return
      const entries = part
      part = []
      partBytes = 0
      this.#elements.doc?.transact(() => {
        for (const [id, element] of entries) this.#put(id, element)
      }, this)
    }
    for (const [id, element] of changes) {
      const size = element ? sizeOf(element) : 40
      if (partBytes + size > updateBytes) commit()
      part.push([id, element])
      partBytes += size
      bytes += size
    }
    commit()
    if (refused.size > 0) this.#takeOff(refused)
    return bytes
  }

  #put(id: string, element: BoardElement | null) {
    if (!element) {
      this.#incoming.delete(id)
      this.#agreed.delete(id)
      this.#elements.delete(id)
      return
    }
    const value = { ...element }
    const agreed = this.#agreed.get(id)
    const theirs = this.#incoming.has(id) ? readElement(id, this.#elements.get(id)) : null
    this.#agree(id, value, value.versionNonce)
    if (theirs && agreed && isMoved(element, agreed.value)) {
      // Somebody changed it while it was moved here: both hold, and the canvas follows when it is let go.
      const { x, y, versionNonce } = element
      const version = Math.max(theirs.version, element.version) + 1
      this.#elements.set(id, { ...theirs, x, y, version, versionNonce: (versionNonce + 1) % 2 ** 31 })
      return
    }
    this.#incoming.delete(id)
    this.#elements.set(id, value)
  }

  #agree(id: string, value: BoardElement, canvas: number) {
    this.#agreed.set(id, { document: value.versionNonce, canvas, index: value.index, value })
  }

  /** Takes out of the changes what the board cannot hold. */
  #refuse(changes: Map<string, BoardElement | null>): Set<string> {
    const limits = this.#options.limits()
    const refused = new Set<string>()
    let room = limits.elements - this.#elements.size
    for (const [id, element] of changes) {
      if (!element) {
        if (this.#elements.has(id)) room++
        continue
      }
      const isNew = !this.#elements.has(id)
      const tooLarge = isTooLarge(element, limits.elementBytes)
      if (!tooLarge && (!isNew || room > 0)) {
        if (isNew) room--
        continue
      }
      refused.add(id)
      changes.delete(id)
      this.#options.onRefused(tooLarge ? 'elementTooLarge' : 'tooManyElements')
    }
    return refused
  }

  /** Back to what the document has: its older value, or nothing. */
  #takeOff(ids: ReadonlySet<string>) {
    const elements = this.#scene.elements().map((element) => {
      if (!ids.has(element.id)) return element
      const value = readElement(element.id, this.#elements.get(element.id))
      if (!value) return deleted(element)
      this.#agree(element.id, value, value.versionNonce)
      return { ...value }
    })
    this.#draw(elements)
  }

  /** Puts on the canvas what came in, but for what is in hand or has a change of its own to be written first. */
  #show() {
    const places = this.#options.moves.others()
    if (places !== this.#places) {
      for (const id of [...this.#places.keys(), ...places.keys()]) this.#incoming.add(id)
      this.#places = places
    }
    if (this.#incoming.size === 0) return
    const busy = this.#scene.busy()
    const mayWrite = this.#options.mayWrite()
    const onCanvas = new Map(this.#scene.elements().map((element) => [element.id, element]))
    let changed = false
    for (const id of this.#incoming) {
      const shown = onCanvas.get(id)
      if (busy.has(id) || (mayWrite && shown && this.#isChanged(shown))) continue
      this.#incoming.delete(id)
      const value = readElement(id, this.#elements.get(id))
      const agreed = this.#agreed.get(id)
      if (value) {
        const [x, y] = places.get(id) ?? [value.x, value.y]
        const isThere = shown && !shown.isDeleted && shown.x === x && shown.y === y
        if (agreed?.document === value.versionNonce && isThere) continue
        const isAway = x !== value.x || y !== value.y
        const element = { ...value, x, y, versionNonce: isAway ? newNonce() : value.versionNonce }
        this.#agree(id, value, element.versionNonce)
        onCanvas.set(id, element)
        changed = true
      } else if (agreed) {
        this.#agreed.delete(id)
        if (!shown || shown.isDeleted) continue
        onCanvas.set(id, deleted(shown))
        changed = true
      }
    }
    if (changed) this.#draw([...onCanvas.values()])
  }

  #draw(elements: BoardElement[]) {
    const busy = this.#scene.busy()
    const clean = new Set<BoardElement>()
    const sorted = elements.map((element) => {
      const agreed = this.#agreed.get(element.id)
      if (!agreed || element.isDeleted || agreed.canvas !== element.versionNonce) return element
      // A mended index is this editor's own: order follows the document's, then it is mended again for all alike.
      // What is in hand stays the object that the editor holds.
      const keep = element.index === agreed.index || busy.has(element.id)
      const original = keep ? element : { ...element, index: agreed.index }
      clean.add(original)
      return original
    })
    sorted.sort(compareOrder)
    this.#scene.show(sorted)
    for (const element of clean) {
      const agreed = this.#agreed.get(element.id)
      if (agreed) this.#agreed.set(element.id, { ...agreed, canvas: element.versionNonce })
    }
  }
}

function isTooLarge(element: BoardElement, limit: number): boolean {
  return sizeOf(element) > limit / 2 && new TextEncoder().encode(JSON.stringify(element)).length > limit
}

function placesOf(elements: readonly BoardElement[]): Places {
  return new Map(elements.map(({ id, x, y }) => [id, [x, y]]))
}

function newNonce(): number {
  return Math.floor(Math.random() * 2 ** 31)
}

function deleted(element: BoardElement): BoardElement {
  return { ...element, isDeleted: true, version: element.version + 1, versionNonce: newNonce() }
}
