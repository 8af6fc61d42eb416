const cjk = /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}/u

/**
 * What stands on an avatar without a picture: the given name of a Chinese name, the initials of another. More than
 * four Chinese characters are a place or a room and give the first two; so does a numbered room of a place, by the
 * syllables of the place (Chengdu branch, room 2: CD). What stands in brackets at the end is left out.
 */
export function initials(name: string): string {
  const trimmed = name.replace(/\s*[(（][^)）]*[)）]\s*$/u, '').trim() || name.trim()
  const letters = [...trimmed].filter((letter) => cjk.test(letter))
  if (letters.length > 4) return letters.slice(0, 2).join('')
  if (letters.length > 0) return letters.slice(-2).join('')
  const place = /^(\p{L})[^aeiou\s,]*[aeiou]+(?:ng|n(?![aeiou]))?(\p{L})?[^,]*,.*\d/iu.exec(trimmed)
  if (place?.[2]) return `${place[1]}${place[2]}`.toUpperCase()
  const words = trimmed.split(/[\s.@_-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const [first = '', last = ''] = [words[0] ?? '', words.length > 1 ? words[words.length - 1] : '']
  return ([...first][0] ?? '').concat([...(last ?? '')][0] ?? '').toUpperCase() || '?'
}

/** The identity colour of a person or group: the same on every screen, one of eight. */
export function identityColour(id: string): number {
  let hash = 2166136261
  for (const letter of id) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16777619)
  return (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 29) + 1
}
