/** What a page has heard and sent of sound, as getStats counts it. */
export interface Sound {
  samples: number
  /** Samples that were made up, without those of silence. */
  concealed: number
  packetsLost: number
  /** MIME type of what is heard. */
  hears: string
  bytesSent: number
}

interface Sounds {
  count(): Promise<Sound>
}

declare global {
  interface Window {
    sounds: Sounds
    /** Whether the microphone sends every packet twice, whatever the client wishes. */
    repeatsSpeech?: boolean
  }
}

/** Runs in the page (an init script): counts sound. It must use nothing but window.connections. */
export function installSounds(): void {
  type Describe = (description: RTCSessionDescriptionInit) => Promise<void>
  const apply: Describe = RTCPeerConnection.prototype.setRemoteDescription
  const forced: Describe = function (this: RTCPeerConnection, { type, sdp = '' }) {
    const order = window.repeatsSpeech ? '63 111' : '111 63'
    const chosen = window.repeatsSpeech === undefined ? '$&' : `$1 ${order}`
    const tuned = type === 'answer' ? sdp.replace(/^(m=audio \S+ \S+) (63 111|111 63)\b/m, chosen) : sdp
    return apply.call(this, { type, sdp: tuned })
  }
  RTCPeerConnection.prototype.setRemoteDescription = forced
  window.sounds = {
    async count() {
      const sound: Sound = { samples: 0, concealed: 0, packetsLost: 0, hears: '', bytesSent: 0 }
      for (const connection of window.connections) {
        if (connection.connectionState === 'closed') continue
        const report = await connection.getStats()
        const codecOf = (entry: { codecId?: string }) => report.get(entry.codecId ?? '')?.mimeType ?? ''
        report.forEach((entry) => {
          if (entry.kind !== 'audio') return
          if (entry.type === 'inbound-rtp' && entry.totalSamplesReceived) {
            sound.samples += entry.totalSamplesReceived
            sound.concealed += entry.concealedSamples - entry.silentConcealedSamples
            sound.packetsLost += entry.packetsLost
            sound.hears = codecOf(entry)
          } else if (entry.type === 'outbound-rtp') {
            sound.bytesSent += entry.bytesSent
          }
        })
      }
      return sound
    },
  }
}

/** A page of either driver. */
interface Page {
  evaluate<T>(run: () => Promise<T>): Promise<T>
}

/** What was heard and sent in so many milliseconds. */
export async function listen(page: Page, ms: number): Promise<Sound> {
  const before = await page.evaluate(() => window.sounds.count())
  await new Promise((resolve) => setTimeout(resolve, ms))
  const after = await page.evaluate(() => window.sounds.count())
  return {
    ...after,
    samples: after.samples - before.samples,
    concealed: after.concealed - before.concealed,
    packetsLost: after.packetsLost - before.packetsLost,
    bytesSent: after.bytesSent - before.bytesSent,
  }
}

/** Made-up samples of all, in percent. */
export const concealment = ({ concealed, samples }: Sound) => (100 * concealed) / Math.max(1, samples)
