import type { IndexeddbPersistence } from 'y-indexeddb'
import type * as Y from 'yjs'
import { Database, deleteDatabase } from './database'
import { documentName, forgetName, picturesName, picturesStore, remember } from './kept'
import { type BoardRole, boardRoles } from './names'

const roleKey = 'role'

/** Keeps a board's document in this browser, so that what is drawn without a connection outlives the page. */
export class KeptDocument {
  readonly #name: string
  readonly #pictures: string
  readonly #open: Promise<IndexeddbPersistence | null>
  /** What was kept before is in the document, or nothing can be kept here. Gives the role that the person had then. */
  readonly loaded: Promise<BoardRole | null>

  constructor(doc: Y.Doc, personKey: string, boardId: string) {
    this.#name = documentName(personKey, boardId)
    this.#pictures = picturesName(personKey, boardId)
    remember(this.#name)
    remember(this.#pictures)
    this.#open = this.#start(doc)
    this.loaded = this.#open.then(async (kept) => {
      const role: unknown = await kept?.get(roleKey)
      return boardRoles.find((one) => one === role) ?? null
    })
  }

  async #start(doc: Y.Doc): Promise<IndexeddbPersistence | null> {
    // Storage may be refused, as in private windows: the board then lives on the server alone.
    const pictures = new Database(this.#pictures, [picturesStore])
    const mayKeep = await pictures.isOpen()
    await pictures.close()
    if (!mayKeep) return null
    const { IndexeddbPersistence } = await import('y-indexeddb')
    const kept = new IndexeddbPersistence(this.#name, doc)
    await kept.whenSynced
    return kept
  }

  async close(): Promise<void> {
    await (await this.#open)?.destroy()
  }

  async keepRole(role: BoardRole): Promise<void> {
    await (await this.#open)?.set(roleKey, role)
  }

  /** Forgets the document here. */
  async clear(): Promise<void> {
    await (await this.#open)?.destroy()
    await Promise.all([deleteDatabase(this.#name), deleteDatabase(this.#pictures)])
    forgetName(this.#name)
    forgetName(this.#pictures)
  }
}
