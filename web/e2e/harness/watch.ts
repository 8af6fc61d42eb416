/** A frame that a page presented; at is in milliseconds since 1970. */
export interface Frame {
  at: number
  width: number
}

/** Counters of a page at a moment, as getStats gives them; video and audio are those of what is watched. */
export interface Sample {
  at: number
  /** The server holds the picture back and the page says so. */
  paused: boolean
  video: Counters
  audio: Counters
  /** What the page sends: one entry for each stream, and the pairs that carry it. */
  sends: Counters[]
}

export type Counters = Record<string, number | string>

/** What a page has seen since it began to watch. */
export interface Recording {
  frames: Frame[]
  samples: Sample[]
}

export interface Watch {
  /** Begins to watch a participant, by name, or the share; what was recorded before is dropped. */
  start(subject: string): void
  record(): Recording
  /** Frames presented in the last second, and the width of the last one. */
  now(): { framesPerSecond: number; width: number }
}

declare global {
  interface Window {
    watch: Watch
  }
}

/** The subject that stands for the shared screen. */
export const theShare = '(share)'

/** Runs in the page (an init script): records frames and counters. It must use nothing but window.connections. */
export function installWatch(): void {
  const kept = new Set(
    `kind rid type framesDecoded framesReceived framesDropped freezeCount totalFreezesDuration keyFramesDecoded
    bytesReceived packetsReceived packetsLost packetsDiscarded nackCount pliCount firCount frameWidth frameHeight
    framesPerSecond jitter jitterBufferDelay jitterBufferEmittedCount totalSamplesReceived concealedSamples
    silentConcealedSamples concealmentEvents fecPacketsReceived framesEncoded keyFramesEncoded bytesSent packetsSent
    retransmittedBytesSent targetBitrate qualityLimitationReason availableOutgoingBitrate currentRoundTripTime
    fractionLost roundTripTime`.split(/\s+/),
  )
  let subject = ''
  let watched: HTMLVideoElement | null = null
  let frames: Frame[] = []
  let samples: Sample[] = []

  const tile = () =>
    subject === '(share)'
      ? document.querySelector<HTMLElement>('[data-share]')
      : [...document.querySelectorAll<HTMLElement>('article[data-participant-id]')].find((one) =>
          one.textContent?.includes(subject),
        )
  const trackOf = (element: HTMLMediaElement | null | undefined) =>
    element?.srcObject instanceof MediaStream ? element.srcObject.getTracks()[0] : undefined
  const follow = (video: HTMLVideoElement, into: Frame[]) => {
    video.requestVideoFrameCallback((now, { width }) => {
      if (video !== watched || into !== frames) return
      into.push({ at: performance.timeOrigin + now, width })
      follow(video, into)
    })
  }
  const pick = (entry: Record<string, unknown>): Counters => {
    const picked: Counters = {}
    for (const [key, value] of Object.entries(entry)) {
      if (kept.has(key) && (typeof value === 'number' || typeof value === 'string')) picked[key] = value
    }
    return picked
  }
  const select = async (source: { getStats(): Promise<RTCStatsReport> } | undefined, types: string[]) => {
    const found: Counters[] = []
    const report = await source?.getStats()
    report?.forEach((entry: Record<string, unknown>) => {
      if (types.includes(entry.type as string)) found.push(pick(entry))
    })
    return found
  }
  const received = async (track: MediaStreamTrack | undefined) => {
    const receiver = window.connections
      .flatMap((connection) => connection.getReceivers())
      .find((one) => track && one.track === track)
    return (await select(receiver, ['inbound-rtp']))[0] ?? {}
  }
  const sent = async () => {
    const types = ['outbound-rtp', 'remote-inbound-rtp', 'candidate-pair']
    const live = window.connections.filter((one) => one.connectionState !== 'closed')
    const all = await Promise.all(live.map((connection) => select(connection, types)))
    return all.flat().filter((entry) => entry.type !== 'candidate-pair' || entry.availableOutgoingBitrate)
  }
  const sample = async () => {
    const shown = tile()
    const video = shown?.querySelector('video')
    const id = shown?.dataset.participantId
    const owner = id ? `[data-participant-id="${id}"]` : '[data-participant-id]'
    const audio = document.querySelector<HTMLAudioElement>(`audio${owner}`)
    const at = Date.now()
    samples.push({
      at,
      paused: /video paused/i.test(shown?.textContent ?? ''),
      video: await received(trackOf(video)),
      audio: await received(trackOf(audio)),
      sends: await sent(),
    })
  }
  setInterval(() => {
    const video = subject ? tile()?.querySelector('video') : null
    if (!video || video === watched) return
    watched = video
    follow(video, frames)
  }, 100)
  setInterval(() => {
    if (subject) void sample()
  }, 500)
  window.watch = {
    start(name) {
      subject = name
      watched = null
      frames = []
      samples = []
    },
    record: () => ({ frames, samples }),
    now() {
      const since = performance.timeOrigin + performance.now() - 1000
      return {
        framesPerSecond: frames.filter(({ at }) => at > since).length,
        width: frames.at(-1)?.width ?? 0,
      }
    },
  }
}

/**
 * Runs in the page (an init script): a camera like the detailed one in place of the browser's own. Firefox's
 * fake camera is one colour, which takes next to no bandwidth.
 */
export function installCamera(): void {
  const { mediaDevices } = navigator
  const original = mediaDevices.getUserMedia.bind(mediaDevices)
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await original(constraints)
    const own = stream.getVideoTracks()[0]
    if (!own) return stream
    const painted = paint()
    const device = own.getSettings().deviceId
    const settings = painted.getSettings.bind(painted)
    painted.getSettings = () => ({
      ...settings(),
      width: 960,
      height: 540,
      ...(device ? { deviceId: device } : {}),
    })
    own.stop()
    stream.removeTrack(own)
    stream.addTrack(painted)
    return stream
  }

  function paint(): MediaStreamTrack {
    const canvas = Object.assign(document.createElement('canvas'), { width: 960, height: 540 })
    const context = canvas.getContext('2d')
    if (!context) throw new Error('no canvas')
    const noise = Object.assign(document.createElement('canvas'), { width: 1088, height: 668 })
    const grain = new ImageData(1088, 668)
    for (let i = 0; i < grain.data.length; i += 4) {
      const x = (i / 4) % 1088
      const grey = 128 + 60 * Math.sin(x / 40) * Math.sin(i / 4 / 1088 / 30) + 24 * Math.random()
      grain.data.set([grey, grey, grey, 255], i)
    }
    noise.getContext('2d')?.putImageData(grain, 0, 0)
    let frame = 0
    const draw = () => {
      frame++
      context.drawImage(noise, -Math.random() * 8 - (frame % 120), -Math.random() * 8 - (frame % 120))
    }
    draw()
    const timer = setInterval(draw, 1000 / 15)
    const [track] = canvas.captureStream(15).getVideoTracks()
    if (!track) throw new Error('no track')
    const stop = track.stop.bind(track)
    track.stop = () => {
      clearInterval(timer)
      stop()
    }
    return track
  }
}
