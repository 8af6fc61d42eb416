import { Scope } from '../scope'
import { audioContext } from './audioContext'

const everyMs = 100
/** Levels below this many decibels are silence, those at full scale are 1. */
const floorDb = -60

/** Root mean square of samples as a level from 0 to 1 on a scale of decibels, in steps of a twentieth. */
function levelOf(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const rms = Math.sqrt(sum / Math.max(1, samples.length))
  if (rms === 0) return 0
  const level = 1 - (20 * Math.log10(rms)) / floorDb
  return Math.round(Math.min(1, Math.max(0, level)) * 20) / 20
}

/**
 * Measures a microphone about ten times a second. It listens to a clone, because a muted track is silent: only so can we
 * tell somebody that he speaks while muted. The clone goes nowhere else.
 */
export function meterLevel(track: MediaStreamTrack, onLevel: (level: number) => void): Scope {
  const scope = new Scope()
  const context = audioContext()
  if (!context) return scope
  const clone = track.clone()
  clone.enabled = true
  scope.track(clone)
  try {
    const source = context.createMediaStreamSource(new MediaStream([clone]))
    const analyser = new AnalyserNode(context, { fftSize: 1024 })
    source.connect(analyser)
    scope.add(() => source.disconnect())
    const samples = new Float32Array(analyser.fftSize)
    scope.interval(() => {
      analyser.getFloatTimeDomainData(samples)
      onLevel(levelOf(samples))
    }, everyMs)
  } catch {
    // Firefox refuses sources whose sample rate differs from the context's; then there is no meter.
    scope.end()
  }
  return scope
}
