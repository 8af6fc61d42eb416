const code = /^([a-z]{3})-?([a-z]{4})-?([a-z]{3})$/

/** The code of a meeting from what somebody typed or pasted: a code with or without dashes, or a link. */
export function meetingCode(text: string): string | null {
  const trimmed = text.trim().toLowerCase()
  const fromLink = /\/m\/([a-z-]+)/.exec(trimmed)
  const match = code.exec(fromLink?.[1] ?? trimmed.replace(/\s+/g, ''))
  return match ? match.slice(1).join('-') : null
}
