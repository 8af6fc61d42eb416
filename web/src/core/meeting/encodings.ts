import type { ContentHint, Source } from './wire'

/** RTCRtpEncodingParameters with what browsers know and the type library does not. */
export interface Encoding extends RTCRtpEncodingParameters {
  scalabilityMode?: string
}

/**
 * The camera in three sizes for a 720p source, smallest first. Temporal layers let the server halve the frame rate of
 * one viewer without asking the sender.
 */
const cameraEncodings: ReadonlyArray<Encoding> = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: 'L1T2' },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: 'L1T2' },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_700_000, scalabilityMode: 'L1T3' },
]

const screenLimits: Record<ContentHint, { maxBitrate: number; maxFramerate: number }> = {
  text: { maxBitrate: 2_500_000, maxFramerate: 15 },
  motion: { maxBitrate: 3_500_000, maxFramerate: 30 },
}

/** The encodings of a new publication. */
export function encodingsFor(source: Source, hint: ContentHint): Encoding[] {
  switch (source) {
    case 'camera':
      return cameraEncodings.map((encoding) => ({ ...encoding }))
    case 'screen':
      return [{ scaleResolutionDownBy: 1, ...screenLimits[hint] }]
    case 'microphone':
      return [{ maxBitrate: 48_000, priority: 'high', networkPriority: 'high' }]
    case 'screenAudio':
      return [{ maxBitrate: 128_000, priority: 'high', networkPriority: 'high' }]
  }
}

/** The same without scalability modes, for browsers that refuse them. */
export function withoutScalability(encodings: ReadonlyArray<Encoding>): Encoding[] {
  return encodings.map(({ scalabilityMode: _, ...encoding }) => encoding)
}

/** Sets a share up for sharp text or for smooth motion, while it is being sent. */
export async function applyHint(
  sender: RTCRtpSender,
  track: MediaStreamTrack,
  hint: ContentHint,
): Promise<void> {
  track.contentHint = hint
  const parameters = sender.getParameters() as RTCRtpSendParameters & { degradationPreference?: string }
  for (const encoding of parameters.encodings) Object.assign(encoding, screenLimits[hint])
  parameters.degradationPreference = hint === 'text' ? 'maintain-resolution' : 'balanced'
  await sender.setParameters(parameters)
}

/** VP8 first: every browser encodes it in layers. The retransmission and correction formats stay behind. */
export function preferVP8<T extends { mimeType: string }>(codecs: ReadonlyArray<T>): T[] {
  const isVP8 = (codec: T) => codec.mimeType.toLowerCase() === 'video/vp8'
  return [...codecs.filter(isVP8), ...codecs.filter((codec) => !isVP8(codec))]
}
