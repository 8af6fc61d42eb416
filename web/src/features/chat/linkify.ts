/** A piece of a message: plain text, an address on the web, or a mention. */
export type TextPart =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'mention'; text: string; userId: string }

const address = /\b(?:https?:\/\/|www\.)[^\s<>"'`，。；：！？、（）【】「」《》]+/giu
const tail = /[.,;:!?*_~]+$/u

/** Cuts a message into text, links and mentions. Only http and https become links; nothing is read as HTML. */
export function partsOf(text: string, mentions: ReadonlyArray<{ userId: string; name: string }>): TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  for (const match of text.matchAll(address)) {
    const found = trimAddress(match[0])
    const href = hrefOf(found)
    if (!href) continue
    parts.push(...mentionParts(text.slice(from, match.index), mentions))
    parts.push({ kind: 'link', text: found, href })
    from = match.index + found.length
  }
  parts.push(...mentionParts(text.slice(from), mentions))
  return parts
}

/** An address at the end of a sentence keeps neither its full stop nor a bracket that it did not open. */
function trimAddress(raw: string): string {
  let found = raw.replace(tail, '')
  for (const pair of ['()', '[]', '{}']) {
    const [open = '', close = ''] = pair
    while (found.endsWith(close) && count(found, close) > count(found, open)) {
      found = found.slice(0, -1).replace(tail, '')
    }
  }
  return found
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1
}

function hrefOf(found: string): string | null {
  try {
    const url = new URL(found.toLowerCase().startsWith('www.') ? `https://${found}` : found)
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null
  } catch {
    return null
  }
}

function mentionParts(text: string, mentions: ReadonlyArray<{ userId: string; name: string }>): TextPart[] {
  if (text === '') return []
  const longestFirst = [...mentions].sort((a, b) => b.name.length - a.name.length)
  for (const { userId, name } of longestFirst) {
    const at = text.indexOf(`@${name}`)
    if (at < 0) continue
    const end = at + name.length + 1
    return [
      ...mentionParts(text.slice(0, at), mentions),
      { kind: 'mention', text: text.slice(at, end), userId },
      ...mentionParts(text.slice(end), mentions),
    ]
  }
  return [{ kind: 'text', text }]
}
