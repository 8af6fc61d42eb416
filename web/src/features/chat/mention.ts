import type { ChatPerson } from './chatHandle'

/** A mention being typed: where its @ stands and what follows it. */
export interface MentionQuery {
  at: number
  query: string
}

const maxQuery = 20

/** The mention at the caret, if one is being typed: an @ at the start or after a space or a Chinese character. */
export function mentionAt(text: string, caret: number): MentionQuery | null {
  const at = text.lastIndexOf('@', caret - 1)
  if (at < 0 || caret - at > maxQuery) return null
  const query = text.slice(at + 1, caret)
  if (/[\s@]/u.test(query)) return null
  const before = text[at - 1]
  if (before !== undefined && /[\p{L}\p{N}._-]/u.test(before) && !/\p{Script=Han}/u.test(before)) return null
  return { at, query }
}

/** Puts a person's name where the mention is typed; the answer has the text and where the caret goes. */
export function completeMention(
  text: string,
  { at, query }: MentionQuery,
  name: string,
): { text: string; caret: number } {
  const inserted = `@${name} `
  return {
    text: text.slice(0, at) + inserted + text.slice(at + 1 + query.length),
    caret: at + inserted.length,
  }
}

/** The people whose @name stands in the text. */
export function mentionedIn(text: string, people: ReadonlyArray<ChatPerson>): string[] {
  return people.filter((person) => text.includes(`@${person.name}`)).map((person) => person.userId)
}

/** Who fits what was typed after the @, at most eight. */
export function candidates(people: ReadonlyArray<ChatPerson>, query: string): ChatPerson[] {
  const wanted = query.toLocaleLowerCase()
  const fits = people.filter((person) => person.name.toLocaleLowerCase().includes(wanted))
  const starts = (person: ChatPerson) => (person.name.toLocaleLowerCase().startsWith(wanted) ? 0 : 1)
  return fits.sort((a, b) => starts(a) - starts(b)).slice(0, 8)
}
