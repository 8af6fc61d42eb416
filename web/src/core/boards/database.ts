/** A database of this browser with stores of values under text keys. */
export class Database {
  readonly #open: Promise<IDBDatabase>

  constructor(name: string, stores: readonly string[]) {
    this.#open = new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1)
      request.onupgradeneeded = () => {
        for (const store of stores) request.result.createObjectStore(store)
      }
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close()
        resolve(request.result)
      }
      request.onerror = () => reject(request.error)
    })
    this.#open.catch(() => {})
  }

  /** Whether this browser lets anything be kept. */
  isOpen(): Promise<boolean> {
    return this.#open.then(
      () => true,
      () => false,
    )
  }

  get<T>(store: string, key: string): Promise<T | undefined> {
    return this.#run(store, 'readonly', (objects) => objects.get(key) as IDBRequest<T | undefined>)
  }

  async put(store: string, key: string, value: unknown): Promise<void> {
    await this.#run(store, 'readwrite', (objects) => objects.put(value, key))
  }

  async delete(store: string, key: string): Promise<void> {
    await this.#run(store, 'readwrite', (objects) => objects.delete(key))
  }

  async keys(store: string): Promise<string[]> {
    return (await this.#run(store, 'readonly', (objects) => objects.getAllKeys())).map(String)
  }

  async close(): Promise<void> {
    await this.#open.then(
      (database) => database.close(),
      () => {},
    )
  }

  async #run<T>(
    store: string,
    mode: IDBTransactionMode,
    act: (objects: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> {
    const transaction = (await this.#open).transaction(store, mode)
    const request = act(transaction.objectStore(store))
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result)
      transaction.onerror = () => reject(transaction.error)
      transaction.onabort = () => reject(transaction.error)
    })
  }
}

/** Removes a database; one that is open elsewhere goes when it is closed there. */
export function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.deleteDatabase(name)
      request.onsuccess = request.onerror = request.onblocked = () => resolve()
    } catch {
      resolve()
    }
  })
}
