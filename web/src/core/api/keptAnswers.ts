import { ApiError } from './error'

/** What the API answered and a page needs to open without a network, in this browser until sign-out. */
const storageKey = 'parley.answers'
const most = 100

type Kept = Record<string, unknown>

function read(): Kept {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '{}')
    return typeof kept === 'object' && kept !== null ? (kept as Kept) : {}
  } catch {
    return {}
  }
}

function save(kept: Kept): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(kept))
  } catch {
    // Storage may be refused; then nothing opens without a network.
  }
}

/** Keeps an answer under a name; of too many the oldest goes. */
export function keepAnswer(name: string, answer: unknown): void {
  const { [name]: _, ...others } = read()
  save(Object.fromEntries(Object.entries({ ...others, [name]: answer }).slice(-most)))
}

function forgetAnswer(name: string): void {
  const { [name]: found, ...others } = read()
  if (found !== undefined) save(others)
}

export function forgetAnswers(): void {
  try {
    localStorage.removeItem(storageKey)
  } catch {
    // Then nothing was kept.
  }
}

/**
 * Asks, and gives what was kept when the server cannot be reached. What is kept under the name follows what the server
 * says: an answer takes its place, and a refusal drops it.
 */
export async function askOrKept<T>(name: string, ask: () => Promise<T>): Promise<T> {
  try {
    const answer = await ask()
    if (name in read()) keepAnswer(name, answer)
    return answer
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 0 && name in read()) return read()[name] as T
    if (error.status === 401 || error.status === 404) forgetAnswer(name)
    throw error
  }
}
