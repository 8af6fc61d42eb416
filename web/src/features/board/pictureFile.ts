import { sha256Hex } from '@/core/boards/digest'
import type { Picture } from '@/core/boards/pictures'

export interface PictureFile extends Picture {
  dataUrl: string
  width: number
  height: number
}

const maxPixels = 1920
const plainTypes: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif'])
const plainBytes = 3 * 1024 * 1024

/** Makes a picture fit for a board: no larger than is of use, and of a kind that every browser and the server take. */
export async function preparePicture(file: Blob): Promise<PictureFile> {
  const image = await loadImage(file)
  const natural = { width: image.naturalWidth || 512, height: image.naturalHeight || 512 }
  const scale = Math.min(1, maxPixels / Math.max(natural.width, natural.height))
  const isPlain = plainTypes.has(file.type) && file.size <= plainBytes && !(await isAnimatedWebp(file))
  const keeps = scale === 1 && isPlain
  const bytes = keeps ? file : await redraw(image, natural, scale, file.type)
  const id = await sha256Hex(new Uint8Array(await bytes.arrayBuffer()))
  return {
    id,
    bytes,
    dataUrl: await blobDataUrl(bytes),
    width: Math.round(natural.width * scale),
    height: Math.round(natural.height * scale),
  }
}

/** A WebP that moves: the server takes it for no picture, and on a board it stands still anyway (RFC 9649, section 2.7). */
export async function isAnimatedWebp(file: Blob): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, 21).arrayBuffer())
  const name = (at: number) => String.fromCharCode(...head.subarray(at, at + 4))
  const animation = 0x02
  return (
    name(0) === 'RIFF' && name(8) === 'WEBP' && name(12) === 'VP8X' && ((head[20] ?? 0) & animation) !== 0
  )
}

async function redraw(
  image: HTMLImageElement,
  natural: { width: number; height: number },
  scale: number,
  type: string,
): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(natural.width * scale))
  canvas.height = Math.max(1, Math.round(natural.height * scale))
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no canvas')
  context.imageSmoothingQuality = 'high'
  context.drawImage(image, 0, 0, canvas.width, canvas.height)
  if (type === 'image/jpeg') return toBlob(canvas, 'image/jpeg')
  const png = await toBlob(canvas, 'image/png')
  return png.size <= plainBytes ? png : toBlob(canvas, 'image/webp')
}

function toBlob(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('picture not made'))), type, 0.9)
  })
}

function loadImage(file: Blob): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const url = URL.createObjectURL(file)
    const image = new Image()
    image.onload = () => {
      URL.revokeObjectURL(url)
      resolve(image)
    }
    image.onerror = () => {
      URL.revokeObjectURL(url)
      reject(new Error('picture not readable'))
    }
    image.src = url
  })
}

export function blobDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })
}
