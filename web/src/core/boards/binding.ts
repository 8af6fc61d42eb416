import type * as Y from 'yjs'
import type { Scope } from '@/core/scope'
import { type BoardElement, compareOrder, isBegun, readElement, sizeOf } from './element'

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
}

/** Writes and shows happen at most this often. */
const tickMs = 33
/** A long stroke is written whole each time, so its writes are spread to this rate. */
const bytesPerMs = 64
/** Of one update; the server takes 256 KiB. */
const updateBytes = 96 * 1024

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
    if (now >= this.#nextWriteAt) this.#nextWriteAt = now + this.#write() / bytesPerMs
    else this.#schedule(this.#nextWriteAt)
    this.#show()
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

  /** Writes what changed on the canvas; the number of bytes, estimated. */
  #write(): number {
    if (!this.#options.mayWrite()) return 0
    const changes = this.#changes()
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
    this.#incoming.delete(id)
    if (element) {
      this.#agree(id, element, element.versionNonce)
      this.#elements.set(id, { ...element })
      return
    }
    this.#agreed.delete(id)
    this.#elements.delete(id)
  }

  #agree(id: string, element: BoardElement, canvas: number) {
    this.#agreed.set(id, { document: element.versionNonce, canvas, index: element.index })
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
        if (agreed?.document === value.versionNonce && shown && !shown.isDeleted) continue
        this.#agree(id, value, value.versionNonce)
        onCanvas.set(id, { ...value })
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

function deleted(element: BoardElement): BoardElement {
  const versionNonce = Math.floor(Math.random() * 2 ** 31)
  return { ...element, isDeleted: true, version: element.version + 1, versionNonce }
}
