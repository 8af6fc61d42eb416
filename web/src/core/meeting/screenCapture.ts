import { newId } from '../id'
import { Scope } from '../scope'
import { deviceFailure } from './deviceErrors'
import type { ShareOptions } from './state'
import type { ContentHint } from './wire'

/** getDisplayMedia's options that the type library does not know yet. */
interface CaptureOptions extends DisplayMediaStreamOptions {
  systemAudio?: 'include' | 'exclude'
  surfaceSwitching?: 'include' | 'exclude'
  selfBrowserSurface?: 'include' | 'exclude'
}

/** A running capture of a screen, window or tab. */
export interface ScreenCapture {
  readonly shareId: string
  readonly stream: MediaStream
  readonly video: MediaStreamTrack
  readonly audio: MediaStreamTrack | null
  readonly hint: ContentHint
  readonly scope: Scope
}

export type CaptureResult =
  | { result: 'capturing'; capture: ScreenCapture }
  /** The person closed the browser's picker. */
  | { result: 'cancelled' }
  | { result: 'failed'; code: 'shareDenied' | 'shareUnsupported' | 'shareFailed' }

/** Opens the browser's picker. Must be called in a click; onEnded is called when the browser ends the capture. */
export async function captureScreen(options: ShareOptions, onEnded: () => void): Promise<CaptureResult> {
  if (!navigator.mediaDevices?.getDisplayMedia) return { result: 'failed', code: 'shareUnsupported' }
  let stream: MediaStream
  try {
    stream = await navigator.mediaDevices.getDisplayMedia(captureOptions(options.audio ?? true))
  } catch (error) {
    return captureFailure(error)
  }
  const video = stream.getVideoTracks()[0]
  if (!video) return { result: 'failed', code: 'shareFailed' }
  const audio = stream.getAudioTracks()[0] ?? null
  const scope = new Scope()
  for (const track of stream.getTracks()) scope.track(track)
  scope.listen(video, 'ended', onEnded)
  const capture = { shareId: newId(), stream, video, audio, hint: initialHint(options), scope }
  return { result: 'capturing', capture }
}

/** What is shared is most likely to be read, until it plays something. */
function initialHint({ hint }: ShareOptions): ContentHint {
  return hint === 'motion' ? 'motion' : 'text'
}

function captureOptions(audio: boolean): CaptureOptions {
  return {
    video: { frameRate: { ideal: 30 } },
    // What is played is to be heard as it is: no processing meant for speech.
    audio: audio && { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    systemAudio: audio ? 'include' : 'exclude',
    surfaceSwitching: 'include',
    selfBrowserSurface: 'exclude',
  }
}

/** Browsers tell a closed picker and a refusal by the same name; a refusal by the system says so. */
function captureFailure(error: unknown): CaptureResult {
  switch (deviceFailure(error, true)) {
    case 'denied':
      return { result: 'cancelled' }
    case 'deniedBySystem':
      return { result: 'failed', code: 'shareDenied' }
    default:
      return { result: 'failed', code: 'shareFailed' }
  }
}
