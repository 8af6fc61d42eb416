import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { mediaFolder } from './paths'

const width = 640
const height = 360
const framesPerSecond = 30
const seconds = 20

/** How many participants have a camera and a microphone of their own. */
export const identities = [1, 2, 3, 4] as const
export type Identity = (typeof identities)[number]

/** The camera of a participant: 16 blocks carry 12 bits of frame number and 4 bits of identity. */
export const camera = (id: Identity) => `${mediaFolder}/camera-${id}.mjpeg`
/** The microphone of a participant: a tone in bursts, since a steady one is taken for noise and suppressed. */
export const microphone = (id: Identity) => `${mediaFolder}/tone-${id}.wav`
/** The frequency of a participant's tone in Hz. */
export const toneHz = (id: Identity) => 400 + 250 * id

/** Generates what is missing. */
export async function makeMedia(): Promise<void> {
  mkdirSync(mediaFolder, { recursive: true })
  for (const id of identities) {
    if (!existsSync(camera(id))) await makeCamera(id)
    if (!existsSync(microphone(id))) await makeMicrophone(id)
  }
}

async function makeCamera(id: Identity): Promise<void> {
  const partial = `${camera(id)}.partial`
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${width}x${height}`],
      ...[
        '-r',
        String(framesPerSecond),
        '-i',
        '-',
        '-c:v',
        'mjpeg',
        '-q:v',
        '4',
        '-pix_fmt',
        'yuvj420p',
        '-f',
        'mjpeg',
        partial,
      ],
    ],
    { stdio: ['pipe', 'inherit', 'inherit'] },
  )
  const closed = once(ffmpeg, 'close')
  for (let frame = 0; frame < framesPerSecond * seconds; frame++) {
    if (!ffmpeg.stdin.write(paint(frame, id))) await once(ffmpeg.stdin, 'drain')
  }
  ffmpeg.stdin.end()
  const [code] = await closed
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`)
  renameSync(partial, camera(id))
}

/** A grey frame: the code in the top ninth, below it a moving gradient so that motion and freezes can be seen. */
function paint(frame: number, id: number): Buffer {
  const pixels = Buffer.alloc(width * height)
  const blockWidth = Math.floor(width / 16)
  const codeHeight = Math.floor(height / 9)
  const code = (frame << 4) | id
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = (code >> Math.min(15, Math.floor(x / blockWidth))) & 1
      pixels[y * width + x] = y < codeHeight ? (bit ? 235 : 16) : (x + y + frame * 4) & 255
    }
  }
  return pixels
}

async function makeMicrophone(id: Identity): Promise<void> {
  const partial = `${microphone(id)}.partial`
  const bursts = `0.5*sin(2*PI*${toneHz(id)}*t)*(0.5+0.5*sin(2*PI*4*t))*gt(mod(t\\,1.2)\\,0.3)`
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `aevalsrc=${bursts}:s=48000:d=12`],
      ...['-c:a', 'pcm_s16le', '-f', 'wav', partial],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const [code] = await once(ffmpeg, 'close')
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`)
  renameSync(partial, microphone(id))
}
