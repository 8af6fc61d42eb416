import type { CameraLimit } from './thinUplink'
import { isScalable } from './videoCodecs'
import type { ContentHint, Source } from './wire'

/** RTCRtpEncodingParameters with what browsers know and the type library does not. */
export interface Encoding extends RTCRtpEncodingParameters {
  scalabilityMode?: string
  /** Longer packets of sound while the link is thin: at 50 a second their headers take half as much as the sound. */
  adaptivePtime?: boolean
}

/**
 * The camera in three sizes, smallest first, as for a 720p source. Temporal layers let the server halve the frame rate
 * of one viewer without asking the sender.
 */
const cameraEncodings: ReadonlyArray<Encoding> = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 120_000, scalabilityMode: 'L1T3' },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: 'L1T2' },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_700_000, scalabilityMode: 'L1T3' },
]

/**
 * How often each encoding is smaller than the source, none for one that is not sent. Chromium sends no more than the
 * first two encodings of a source below 960 pixels and the first of one below 480, so the full size must be among them.
 */
function cameraScales(track: MediaStreamTrack): ReadonlyArray<number | null> {
  const { width = 0, height = 0 } = track.getSettings()
  const longer = Math.max(width, height) || Number.POSITIVE_INFINITY
  if (longer >= 960) return [4, 2, 1]
  return longer >= 480 ? [2, 1, null] : [1, null, null]
}

/** What the camera may take with so many spatial layers (SVC): the sizes are those of the encodings above. */
const spatialBitrates = [150_000, 550_000, 1_700_000] as const

/** How many spatial layers a camera of this size is sent in. */
function spatialLayers(track: MediaStreamTrack): number {
  return cameraScales(track).filter((scale) => scale !== null).length
}

/** One encoding of the camera with its sizes as spatial layers inside, of which only so many are wanted. */
function spatialEncoding(track: MediaStreamTrack, wanted: number): Encoding {
  const all = spatialLayers(track)
  const layers = wanted > 0 ? Math.min(wanted, all) : all
  return {
    scaleResolutionDownBy: 2 ** (all - layers),
    maxBitrate: spatialBitrates[layers - 1] ?? spatialBitrates[2],
    scalabilityMode: layers > 1 ? `L${layers}T3_KEY` : 'L1T3',
  }
}

const screenLimits: Record<ContentHint, { maxBitrate: number; maxFramerate: number }> = {
  text: { maxBitrate: 2_500_000, maxFramerate: 15 },
  motion: { maxBitrate: 3_500_000, maxFramerate: 30 },
}

/** The encodings of a new publication in a codec. */
export function encodingsFor(
  source: Source,
  hint: ContentHint,
  track: MediaStreamTrack,
  codec: string,
): Encoding[] {
  switch (source) {
    case 'camera':
      if (isScalable(codec)) return [spatialEncoding(track, 0)]
      return fitToCamera(
        cameraEncodings.map((encoding) => ({ ...encoding })),
        track,
        none,
      )
    case 'screen':
      return [{ scaleResolutionDownBy: 1, scalabilityMode: 'L1T3', ...screenLimits[hint] }]
    case 'microphone':
      return [{ maxBitrate: 48_000, priority: 'high', networkPriority: 'high', adaptivePtime: true }]
    case 'screenAudio':
      return [{ maxBitrate: 128_000, priority: 'high', networkPriority: 'high' }]
  }
}

const none: ReadonlySet<string> = new Set()

function fitToCamera<T extends RTCRtpEncodingParameters>(
  encodings: T[],
  track: MediaStreamTrack,
  unwanted: ReadonlySet<string>,
): T[] {
  const scales = cameraScales(track)
  for (const [index, encoding] of encodings.entries()) {
    const scale = scales[index] ?? null
    encoding.active = scale !== null && !unwanted.has(encoding.rid ?? '')
    encoding.scaleResolutionDownBy = scale ?? 1
    const { maxBitrate } = cameraEncodings[index] ?? {}
    if (maxBitrate) encoding.maxBitrate = maxBitrate
  }
  return encodings
}

/** What nobody uses of a video: whole encodings by their names, and all spatial layers but so many, 0 for none. */
export interface Unwanted {
  rids: ReadonlySet<string>
  spatialLayers: number
}

/** What a picture of a bounded camera has at least: fewer are better ones. */
const leastPictureBits = 5_500
/** How many pictures a second a share has beside a bounded camera; they stay as sharp as they are. */
const boundedShareFramerate = 5

/** Fits the sizes to another camera, stops what nobody uses, and keeps to a limit with the smallest size alone. */
export async function applyCamera(
  sender: RTCRtpSender,
  track: MediaStreamTrack,
  unwanted: Unwanted,
  limit: CameraLimit,
): Promise<void> {
  const parameters = sender.getParameters()
  const [only, ...others] = parameters.encodings
  if (only && others.length === 0) {
    Object.assign(only, spatialEncoding(track, limit === null ? unwanted.spatialLayers : 1))
    only.active = !unwanted.rids.has('')
  } else {
    fitToCamera(parameters.encodings, track, unwanted.rids)
  }
  bound(parameters.encodings, limit)
  await sender.setParameters(parameters)
}

function bound(encodings: RTCRtpEncodingParameters[], limit: CameraLimit): void {
  const isWatched = encodings.some(({ active }) => active)
  for (const [index, encoding] of encodings.entries()) {
    if (limit === null) {
      delete encoding.maxFramerate
      continue
    }
    encoding.active = isWatched && index === 0 && limit > 0
    if (limit > 0) encoding.maxBitrate = limit
    encoding.maxFramerate = Math.max(1, Math.round(limit / leastPictureBits))
  }
}

/** Stops the encodings of a share that nobody uses. */
export async function applyUnwanted(sender: RTCRtpSender, unwanted: ReadonlySet<string>): Promise<void> {
  const parameters = sender.getParameters()
  for (const encoding of parameters.encodings) encoding.active = !unwanted.has(encoding.rid ?? '')
  await sender.setParameters(parameters)
}

/** The same without scalability modes, for browsers that refuse them. */
export function withoutScalability(encodings: ReadonlyArray<Encoding>): Encoding[] {
  return encodings.map(({ scalabilityMode: _, ...encoding }) => encoding)
}

/** Sets a share up for sharp text or for smooth motion, while it is being sent; in few pictures while the camera has a limit. */
export async function applyHint(
  sender: RTCRtpSender,
  track: MediaStreamTrack,
  hint: ContentHint,
  limit: CameraLimit,
): Promise<void> {
  track.contentHint = hint
  const parameters = sender.getParameters() as RTCRtpSendParameters & { degradationPreference?: string }
  for (const encoding of parameters.encodings) {
    Object.assign(encoding, screenLimits[hint])
    if (limit !== null) encoding.maxFramerate = boundedShareFramerate
  }
  parameters.degradationPreference = hint === 'text' ? 'maintain-resolution' : 'balanced'
  await sender.setParameters(parameters)
}
