import { audioContext } from './audioContext'

/** Two notes, low enough not to startle. */
const notesHz = [523.25, 659.25]
const noteSeconds = 0.35
const volume = 0.2

/** Plays a short chime on a speaker; resolves when it is over. */
export async function playTestTone(speakerId: string | undefined): Promise<void> {
  const context = audioContext()
  if (!context) return
  await context.resume()
  const destination = context.createMediaStreamDestination()
  const gain = new GainNode(context, { gain: 0 })
  gain.connect(destination)
  const element = new Audio()
  element.srcObject = destination.stream
  if (speakerId && 'setSinkId' in element) await element.setSinkId(speakerId).catch(() => {})
  await element.play()
  await chime(context, gain)
  element.srcObject = null
  gain.disconnect()
}

function chime(context: AudioContext, gain: GainNode): Promise<void> {
  const start = context.currentTime + 0.05
  const oscillators = notesHz.map((frequency, index) => {
    const oscillator = new OscillatorNode(context, { frequency })
    const from = start + index * noteSeconds
    gain.gain.setTargetAtTime(volume, from, 0.02)
    gain.gain.setTargetAtTime(0, from + noteSeconds * 0.7, 0.05)
    oscillator.connect(gain)
    oscillator.start(from)
    oscillator.stop(from + noteSeconds)
    return oscillator
  })
  return new Promise((resolve) => {
    oscillators.at(-1)?.addEventListener('ended', () => setTimeout(resolve, 200), { once: true })
  })
}
