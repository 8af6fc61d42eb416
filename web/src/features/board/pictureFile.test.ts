import { describe, expect, it } from 'vitest'
import { isAnimatedWebp } from './pictureFile'

/** The head of a WebP file with this first chunk and what its first byte is. */
function webp(chunk: string, flags: number, riff = 'RIFF'): Blob {
  const size = [0, 0, 0, 0]
  const letters = (text: string) => [...text].map((letter) => letter.charCodeAt(0))
  return new Blob([
    new Uint8Array([...letters(riff), ...size, ...letters(`WEBP${chunk}`), ...size, flags, 0, 0, 0, 31]),
  ])
}

describe('a WebP that moves', () => {
  it.each([
    ['animated', webp('VP8X', 0x02), true],
    ['animated with alpha', webp('VP8X', 0x12), true],
    ['extended, but still', webp('VP8X', 0x10), false],
    ['lossless', webp('VP8L', 0x2f), false],
    ['lossy', webp('VP8 ', 0x02), false],
    ['no WebP', webp('VP8X', 0x02, 'FFIR'), false],
    ['nothing', new Blob([]), false],
  ])('%s', async (_, file, expected) => {
    expect(await isAnimatedWebp(file)).toBe(expected)
  })
})
