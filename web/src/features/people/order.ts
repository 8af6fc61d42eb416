import type { ParticipantView } from '@/core/meeting/state'

/** Names that hold what was typed, whatever the case and the accents. */
export function matches(name: string, query: string): boolean {
  return fold(name).includes(fold(query))
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase().replace(/\s+/g, ' ').trim()
}

/** The list of people: oneself, then hosts, then who speaks or may be heard, then by name as the language sorts them. */
export function listOrder(participants: ReadonlyArray<ParticipantView>, locale: string): ParticipantView[] {
  const names = new Intl.Collator(locale.startsWith('zh') ? 'zh-u-co-pinyin' : locale, {
    sensitivity: 'base',
    numeric: true,
  })
  return [...participants].sort(
    (a, b) => rank(a) - rank(b) || names.compare(a.name, b.name) || a.joinedAt - b.joinedAt,
  )
}

function rank(one: ParticipantView): number {
  if (one.isSelf) return 0
  if (one.role === 'host') return 1
  if (one.role === 'cohost') return 2
  return 3
}
