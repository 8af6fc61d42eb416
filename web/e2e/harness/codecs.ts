import type { Page } from 'playwright-core'

/** A stream of pictures that is sent or received, as getStats tells. */
export interface Stream {
  codec: string
  frameWidth?: number
  scalabilityMode?: string
  active?: boolean
}

/** Has the page decode only one codec of pictures. Runs before the page's own scripts. */
export function decodeOnly(mimeType: string): void {
  const { setRemoteDescription } = RTCPeerConnection.prototype
  RTCPeerConnection.prototype.setRemoteDescription = async function (description) {
    await Reflect.apply(setRemoteDescription, this, [description])
    if (description.type !== 'offer') return
    const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? []
    const kept = codecs.filter((codec) => codec.mimeType === mimeType || codec.mimeType === 'video/rtx')
    for (const transceiver of this.getTransceivers()) {
      if (transceiver.receiver.track.kind === 'video') transceiver.setCodecPreferences(kept)
    }
  }
}

/** The streams of pictures that a page sends or receives. */
export function streams(page: Page, type: 'outbound-rtp' | 'inbound-rtp'): Promise<Stream[]> {
  return page.evaluate(async (wanted) => {
    const found: Stream[] = []
    for (const connection of window.connections) {
      if (connection.connectionState === 'closed') continue
      const report = await connection.getStats()
      report.forEach((entry: { type: string; kind?: string; codecId?: string } & Stream) => {
        if (entry.type !== wanted || entry.kind !== 'video' || !entry.codecId) return
        const codec = (report.get(entry.codecId) as { mimeType: string } | undefined)?.mimeType ?? ''
        const { frameWidth, scalabilityMode, active } = entry
        found.push({ codec, frameWidth, scalabilityMode, active })
      })
    }
    return found
  }, type)
}

/** How many videos a page sends, each encoding of a camera or screen in a codec of its own being one. */
export function videosSent(page: Page): Promise<number> {
  return page.evaluate(() => {
    const all = window.connections.flatMap((connection) => connection.getTransceivers())
    return all.filter((one) => one.currentDirection === 'sendonly' && one.sender.track?.kind === 'video')
      .length
  })
}
