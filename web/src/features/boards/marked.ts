export interface Part {
  text: string
  hit: boolean
}

/** The text in parts, those apart that a search was for: its words, whatever their case. */
export function marked(text: string, query: string): Part[] {
  const words = query.trim().split(/\s+/).filter(Boolean)
  if (words.length === 0) return [{ text, hit: false }]
  const anyWord = new RegExp(`(${words.map(escaped).join('|')})`, 'giu')
  return text
    .split(anyWord)
    .map((part, at) => ({ text: part, hit: at % 2 === 1 }))
    .filter((part) => part.text !== '')
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
