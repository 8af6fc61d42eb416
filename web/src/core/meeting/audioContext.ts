import { Scope } from '../scope'

let shared: AudioContext | null = null

/** The page's one AudioContext, or null where there is none (no audio device in Firefox, an old WebView). */
export function audioContext(): AudioContext | null {
  if (shared && shared.state !== 'closed') return shared
  if (typeof AudioContext === 'undefined') return null
  try {
    shared = new AudioContext({ latencyHint: 'interactive' })
  } catch {
    return null
  }
  if (shared.state === 'suspended') resumeOnGesture(shared)
  return shared
}

/** Browsers let sound start only after a gesture. */
function resumeOnGesture(context: AudioContext): void {
  const scope = new Scope()
  const resume = () => {
    context.resume().then(
      () => scope.end(),
      () => {
        // Not a gesture that counts; the next one may.
      },
    )
  }
  for (const type of ['pointerup', 'keydown', 'touchend']) scope.listen(document, type, resume)
}
