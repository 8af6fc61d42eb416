import * as Y from 'yjs'
import { Binding, type BindingLimits, type BindingRefusal, type BoardScene } from '@/core/boards/binding'
import type { BoardElement } from '@/core/boards/element'
import { type Moves, noPlaces, type Places } from '@/core/boards/moves'
import { Scope } from '@/core/scope'

let nonces = 1

export type Drawn = BoardElement & Record<string, unknown>

export function rectangle(id: string, fields: Partial<Drawn> = {}): Drawn {
  return {
    id,
    type: 'rectangle',
    x: 0,
    y: 0,
    width: 100,
    height: 50,
    angle: 0,
    opacity: 100,
    strokeWidth: 2,
    roughness: 1,
    seed: 7,
    strokeColor: '#1e1e1e',
    backgroundColor: 'transparent',
    fillStyle: 'solid',
    strokeStyle: 'solid',
    version: 1,
    versionNonce: nonces++,
    index: 'a1',
    isDeleted: false,
    groupIds: [],
    boundElements: null,
    ...fields,
  }
}

/** A canvas that behaves as the editor's: it changes its elements in place and mends an index that stands twice. */
export class FakeScene implements BoardScene {
  list: Drawn[] = []
  held = new Set<string>()
  shows = 0
  readonly #listeners = new Set<() => void>()

  elements = () => this.list
  busy = () => this.held

  show(elements: BoardElement[]) {
    this.shows++
    this.list = elements as Drawn[]
    for (const [at, element] of this.list.entries()) {
      const before = this.list[at - 1]
      if (!before?.index || (element.index ?? '') > before.index) continue
      Object.assign(element, {
        index: `${before.index}V`,
        versionNonce: nonces++,
        version: element.version + 1,
      })
    }
    this.#tell()
  }

  onChange(listener: () => void) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  draw(...elements: Drawn[]) {
    this.list = [...this.list, ...elements]
    this.#tell()
  }

  /** As a person's hand does. */
  change(id: string, fields: Partial<Drawn>) {
    const element = this.find(id)
    if (!element) throw new Error(`no ${id}`)
    Object.assign(element, { ...fields, versionNonce: nonces++, version: element.version + 1 })
    this.#tell()
  }

  hold(...ids: string[]) {
    this.held = new Set(ids)
  }

  letGo() {
    this.held = new Set()
    this.#tell()
  }

  find(id: string): Drawn | undefined {
    return this.list.find((element) => element.id === id)
  }

  order(): string[] {
    return this.list.filter(({ isDeleted }) => !isDeleted).map(({ id }) => id)
  }

  #tell() {
    for (const listener of [...this.#listeners]) listener()
  }
}

/** What is said beside the document, as presence would carry it. */
class FakeMoves implements Moves {
  /** What was told, the newest last. */
  told: Places[] = []
  isOver = true
  #others = noPlaces
  readonly #listeners = new Set<() => void>()

  tell(places: Places, isLast: boolean) {
    this.told.push(places)
    this.isOver = isLast
  }

  others = () => this.#others

  onChange(listener: () => void) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  hear(places: Places) {
    this.#others = places
    for (const listener of [...this.#listeners]) listener()
  }
}

/** One person's side: document, canvas and binding, and the updates that it sent. */
export class Side {
  readonly doc = new Y.Doc()
  readonly scene = new FakeScene()
  readonly scope = new Scope()
  readonly moves = new FakeMoves()
  readonly sent: Uint8Array[] = []
  readonly refused: BindingRefusal[] = []
  writes = true
  limits: BindingLimits = { elements: 5000, elementBytes: 200 * 1024 }
  readonly binding: Binding

  constructor(state?: Uint8Array) {
    if (state) Y.applyUpdate(this.doc, state, 'server')
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'server') this.sent.push(update)
    })
    this.binding = new Binding({
      elements: this.map,
      scene: this.scene,
      scope: this.scope,
      moves: this.moves,
      mayWrite: () => this.writes,
      limits: () => this.limits,
      onRefused: (why) => this.refused.push(why),
    })
  }

  get map(): Y.Map<unknown> {
    return this.doc.getMap('elements')
  }

  get state(): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc)
  }

  receive(update: Uint8Array) {
    Y.applyUpdate(this.doc, update, 'server')
  }

  /** Both the document and the canvas as data that can be compared. */
  seen(): Record<string, unknown>[] {
    return this.scene.list
      .filter(({ isDeleted }) => !isDeleted)
      .map(({ version, versionNonce, index, ...fields }) => fields)
  }
}

/** Brings all that each side has to the others, and lets their canvases follow. */
export function exchange(...sides: Side[]) {
  for (const from of sides) from.binding.flush()
  for (const from of sides) for (const to of sides) if (from !== to) to.receive(from.state)
  for (const side of sides) side.binding.flush()
}
