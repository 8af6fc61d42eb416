import { deleteDatabase } from './database'

/** What this browser keeps of boards, under names that tell whose it is. */
const prefix = 'parley.board.'
const listKey = 'parley.boards.kept'

/** The store in the database of pictures. */
export const picturesStore = 'pictures'

export function documentName(personKey: string, boardId: string): string {
  return `${prefix}${personKey}.${boardId}`
}

export function picturesName(personKey: string, boardId: string): string {
  return `${documentName(personKey, boardId)}.pictures`
}

/** Forgets all boards of this browser, or all but one person's: at sign-out, and when somebody else signs in. */
export async function forgetBoards(exceptPersonKey?: string): Promise<void> {
  const spared = exceptPersonKey === undefined ? null : `${prefix}${exceptPersonKey}.`
  const names = (await allNames()).filter((name) => spared === null || !name.startsWith(spared))
  await Promise.all(names.map(deleteDatabase))
  for (const name of names) forgetName(name)
}

async function allNames(): Promise<string[]> {
  const names = new Set(list())
  try {
    for (const { name } of await indexedDB.databases()) if (name?.startsWith(prefix)) names.add(name)
  } catch {
    // Not every browser tells; then our own list has to do.
  }
  return [...names]
}

function list(): string[] {
  try {
    const names: unknown = JSON.parse(localStorage.getItem(listKey) ?? '[]')
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
  } catch {
    return []
  }
}

function save(names: readonly string[]) {
  try {
    localStorage.setItem(listKey, JSON.stringify(names))
  } catch {
    // Storage may be refused; then nothing is kept either.
  }
}

export function remember(name: string) {
  if (!list().includes(name)) save([...list(), name])
}

export function forgetName(name: string) {
  save(list().filter((one) => one !== name))
}
