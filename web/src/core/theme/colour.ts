/** sRGB, each channel 0..1. */
export interface Colour {
  r: number
  g: number
  b: number
  alpha: number
}

/**
 * Reads a computed CSS colour: hex, rgb(), color(srgb …) or oklab(…), which is what browsers answer for
 * color-mix(in oklab, …).
 */
export function parseColour(css: string): Colour | null {
  const text = css.trim()
  if (text.startsWith('#')) return parseHex(text)
  const match = /^(rgba?|color|oklab)\(\s*(?:srgb\s+)?([^)]*)\)$/.exec(text)
  if (!match) return null
  const [, kind, inner = ''] = match
  const [a = 0, b = 0, c = 0, alpha = 1] = inner
    .split(/[\s,/]+/)
    .filter(Boolean)
    .map((part) =>
      part.endsWith('%') ? Number.parseFloat(part) / 100 : part === 'none' ? 0 : Number.parseFloat(part),
    )
  if ([a, b, c, alpha].some(Number.isNaN)) return null
  if (kind === 'oklab') return { ...oklabToSrgb(a, b, c), alpha }
  if (kind === 'color') return { r: a, g: b, b: c, alpha }
  return { r: a / 255, g: b / 255, b: c / 255, alpha }
}

function parseHex(hex: string): Colour | null {
  const digits = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1)
  if (!/^[0-9a-f]{6}$/i.test(digits)) return null
  const channel = (at: number) => Number.parseInt(digits.slice(at, at + 2), 16) / 255
  return { r: channel(0), g: channel(2), b: channel(4), alpha: 1 }
}

// https://www.w3.org/TR/css-color-4/#color-conversion-code
function oklabToSrgb(lightness: number, a: number, b: number): Omit<Colour, 'alpha'> {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return {
    r: encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    g: encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    b: encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  }
}

function encode(linear: number): number {
  const channel = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055
  return Math.min(1, Math.max(0, channel))
}

export function toHex({ r, g, b, alpha }: Colour): string {
  const channels = [r, g, b].map((value) => Math.round(value * 255))
  if (alpha < 1) return `rgba(${channels.join(', ')}, ${alpha})`
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}
