import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
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
/** A camera with the detail and the grain of a real one, for which encoders take the bandwidth they may. */
export const detailed = { file: `${mediaFolder}/detailed.y4m`, width: 960, height: 540, framesPerSecond: 15 }
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

/** Makes the detailed camera if it is missing: raw frames, whose decoding costs nothing. */
export function makeDetailedCamera(): void {
  const { file, width, height, framesPerSecond } = detailed
  if (existsSync(file)) return
  mkdirSync(mediaFolder, { recursive: true })
  const partial = openSync(`${file}.partial`, 'w')
  writeSync(partial, `YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`)
  const colour = Buffer.alloc((width * height) / 2, 128)
  for (let frame = 0; frame < 4 * framesPerSecond; frame++) {
    writeSync(partial, 'FRAME\n')
    writeSync(partial, paintDetail(frame))
    writeSync(partial, colour)
  }
  closeSync(partial)
  renameSync(`${file}.partial`, file)
}

/** Waves that wander, under grain that is new in every frame. */
function paintDetail(frame: number): Buffer {
  const { width, height } = detailed
  const pixels = Buffer.alloc(width * height)
  let random = frame + 1
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      random = (Math.imul(random, 1664525) + 1013904223) | 0
      const wave = 60 * Math.sin((x + frame * 2) / 40) * Math.sin((y + frame) / 30)
      pixels[y * width + x] = 128 + wave + ((random >>> 24) & 15)
    }
  }
  return pixels
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
