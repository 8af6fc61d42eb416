import { Database } from './database'

const store = 'library'
const key = 'items'

/** A person's own library of shapes, kept in this browser. */
export class ShapeLibrary<Item> {
  readonly #database: Database

  constructor(personKey: string) {
    this.#database = new Database(`parley.library.${personKey}`, [store])
  }

  async load(): Promise<Item[]> {
    const items: unknown = await this.#database.get(store, key).catch(() => undefined)
    return Array.isArray(items) ? (items as Item[]) : []
  }

  async save(items: readonly Item[]): Promise<void> {
    await this.#database.put(store, key, items).catch(() => {})
  }

  close(): void {
    void this.#database.close()
  }
}
