/** What a reload of the page needs to come back as the same participant. */
export interface ResumeRecord {
  token: string
  /** Unix milliseconds until which the server keeps the participant if the page goes away now. */
  validUntil: number
  microphone: boolean
  camera: boolean
  name?: string
}

const keyOf = (code: string) => `parley.resume.${code}`

/** Reads what an earlier page of this tab left, if the server still keeps the participant. */
export function readResume(code: string, now = Date.now()): ResumeRecord | null {
  try {
    const text = sessionStorage.getItem(keyOf(code))
    if (!text) return null
    const record = JSON.parse(text) as ResumeRecord
    return typeof record.token === 'string' && record.validUntil > now ? record : null
  } catch {
    return null
  }
}

export function writeResume(code: string, record: ResumeRecord): void {
  try {
    sessionStorage.setItem(keyOf(code), JSON.stringify(record))
  } catch {
    // Storage may be refused (private windows, quota); then a reload joins anew.
  }
}

export function clearResume(code: string): void {
  try {
    sessionStorage.removeItem(keyOf(code))
  } catch {
    // As above: nothing was stored.
  }
}
