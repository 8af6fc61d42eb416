/** Format parameters of Opus, as in RFC 7587. */
export type OpusParameters = Readonly<Record<string, number>>

/** Speech: repair single losses, send next to nothing in silence. */
export const speech: OpusParameters = { useinbandfec: 1, usedtx: 1 }
/** As the other side says. */
export const asOffered: OpusParameters = {}
/** Sound of a share: stereo, and no gaps in quiet music. */
export const music: OpusParameters = {
  useinbandfec: 1,
  usedtx: 0,
  stereo: 1,
  'sprop-stereo': 1,
  maxaveragebitrate: 128_000,
}

/**
 * Sets Opus parameters in the audio sections of a session description, chosen by mid. In an answer to us they say how we
 * send; in an answer of ours, how we want to receive. Lost packets are asked for again (RFC 4585 section 6.2.1), which
 * Chromium does for sound only where the description says so: in-band FEC repairs single losses, not bursts.
 */
export function tuneOpus(sdp: string, parametersOf: (mid: string) => OpusParameters | null): string {
  return changeAudio(sdp, (mid, section) => {
    const parameters = parametersOf(mid)
    return parameters ? tuneSection(section, parameters) : section
  })
}

/**
 * Chooses in an answer to us how we send sound: every packet twice (RFC 2198) or once. Browsers send the first codec of an
 * audio section; one without redundant packets stays as it is.
 */
export function repeatPackets(sdp: string, isRepeated: (mid: string) => boolean): string {
  return changeAudio(sdp, (mid, section) => {
    const red = /^a=rtpmap:(\d+) red\//im.exec(section)?.[1]
    if (!red || !isRepeated(mid)) return section
    return section.replace(
      /^(m=audio \S+ \S+) (.*?)(\r?)$/m,
      (_, head: string, types: string, end: string) => {
        const others = types.split(' ').filter((type) => type !== red)
        return `${head} ${[red, ...others].join(' ')}${end}`
      },
    )
  })
}

/** Replaces each audio section that has a mid. */
function changeAudio(sdp: string, change: (mid: string, section: string) => string): string {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      const mid = /^a=mid:(\S+)/m.exec(section)?.[1]
      return section.startsWith('m=audio') && mid !== undefined ? change(mid, section) : section
    })
    .join('')
}

function tuneSection(section: string, parameters: OpusParameters): string {
  const payloadType = /^a=rtpmap:(\d+) opus\//im.exec(section)?.[1]
  if (!payloadType) return section
  return withNack(withParameters(section, payloadType, parameters), payloadType)
}

function withParameters(section: string, payloadType: string, parameters: OpusParameters): string {
  const line = new RegExp(`^a=fmtp:${payloadType} (.*?)(\r?)$`, 'm')
  const found = line.exec(section)
  if (found) return section.replace(line, `a=fmtp:${payloadType} ${merge(found[1] ?? '', parameters)}$2`)
  const merged = merge('', parameters)
  return merged ? afterMapping(section, payloadType, `a=fmtp:${payloadType} ${merged}`) : section
}

function withNack(section: string, payloadType: string): string {
  const nack = `a=rtcp-fb:${payloadType} nack`
  const present = new RegExp(`^a=rtcp-fb:(${payloadType}|\\*) nack\r?$`, 'm').test(section)
  return present ? section : afterMapping(section, payloadType, nack)
}

function afterMapping(section: string, payloadType: string, line: string): string {
  return section.replace(
    new RegExp(`^a=rtpmap:${payloadType} .*?(\r?)$`, 'im'),
    (rtpmap, end: string) => `${rtpmap.trimEnd()}${end}\n${line}${end}`,
  )
}

function merge(present: string, parameters: OpusParameters): string {
  const merged = new Map<string, string>()
  for (const part of present.split(';')) {
    const [key, value] = part.trim().split('=')
    if (key) merged.set(key, value ?? '')
  }
  for (const [key, value] of Object.entries(parameters)) merged.set(key, String(value))
  return [...merged].map(([key, value]) => (value === '' ? key : `${key}=${value}`)).join(';')
}
