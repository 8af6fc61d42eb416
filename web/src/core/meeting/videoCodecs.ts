/** The codec that every browser encodes in layers. */
export const common = 'VP8'

/** Whether a codec has its sizes inside one stream (SVC) instead of in several (simulcast). */
export function isScalable(codec: string): boolean {
  return codec === 'VP9' || codec === 'AV1'
}

/** The preferred codec if this browser can encode it, else the common one. A camera needs its sizes as well. */
export function codecFor(source: 'camera' | 'screen', preferred: string): string {
  if (preferred === common || !encodes(preferred)) return common
  return source === 'camera' && isScalable(preferred) && !encodesSpatialLayers() ? common : preferred
}

/** The first of these codecs that this browser can encode, in layers where it should; null for none. */
export function firstEncodable(codecs: ReadonlyArray<string>): string | null {
  return codecs.find(encodes) ?? null
}

/** Whether this browser can encode a codec, such as "VP9". */
function encodes(codec: string): boolean {
  const codecs = globalThis.RTCRtpSender?.getCapabilities?.('video')?.codecs ?? []
  return codecs.some((one) => named(one, codec))
}

let spatial: boolean | null = null

/** Whether this browser makes spatial layers: others pass over scalability modes that they do not know. */
function encodesSpatialLayers(): boolean {
  spatial ??= trySpatialLayers()
  return spatial
}

function trySpatialLayers(): boolean {
  const connection = new RTCPeerConnection()
  try {
    const sendEncodings = [{ scalabilityMode: 'L3T3_KEY' } as RTCRtpEncodingParameters]
    const { sender } = connection.addTransceiver('video', { direction: 'sendonly', sendEncodings })
    return 'scalabilityMode' in (sender.getParameters().encodings[0] ?? {})
  } catch {
    return false
  } finally {
    connection.close()
  }
}

/** Has a section offer a codec first, then the common one. The retransmission and correction formats stay behind. */
export function preferCodec(transceiver: RTCRtpTransceiver, codec: string): void {
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.('video')?.codecs
  if (!codecs || !transceiver.setCodecPreferences) return
  try {
    transceiver.setCodecPreferences(inOrder(codecs, [codec, common]))
  } catch {
    // The browser's own order then.
  }
}

/** Codecs in the order of these names, the others behind. */
export function inOrder<T extends { mimeType: string }>(
  codecs: ReadonlyArray<T>,
  names: ReadonlyArray<string>,
): T[] {
  const first = [...new Set(names)].flatMap((name) => codecs.filter((codec) => named(codec, name)))
  return [...first, ...codecs.filter((codec) => !first.includes(codec))]
}

function named(codec: { mimeType: string }, name: string): boolean {
  return codec.mimeType.toLowerCase() === `video/${name}`.toLowerCase()
}
