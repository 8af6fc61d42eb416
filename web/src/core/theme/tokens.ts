import { parseColour, toHex } from './colour'

const colourNames = [
  'brand',
  'on-brand',
  'brand-hover',
  'brand-active',
  'brand-text',
  'brand-soft',
  'brand-soft-hover',
  'bg-ground',
  'bg-surface',
  'bg-raised',
  'bg-sunken',
  'bg-hover',
  'bg-inverse',
  'bg-scrim',
  'line',
  'line-strong',
  'line-control',
  'text',
  'text-2',
  'text-3',
  'text-inverse',
  'text-disabled',
  'success-solid',
  'success-soft',
  'success-text',
  'warning-solid',
  'warning-soft',
  'warning-text',
  'danger-solid',
  'danger-soft',
  'danger-text',
] as const

export type ColourName = (typeof colourNames)[number]

export interface Tokens {
  colour: Record<ColourName, string>
  /** Plain values, such as lengths, durations and shadows, as they stand in tokens.css. */
  value(name: string): string
}

/** Resolves tokens.css as it applies to the page now: call it after the scheme is set. */
export function resolveTokens(): Tokens {
  const probe = document.createElement('span')
  probe.hidden = true
  document.body.append(probe)
  const computed = getComputedStyle(probe)
  const colour = {} as Record<ColourName, string>
  for (const name of colourNames) {
    probe.style.color = `var(--${name})`
    const parsed = parseColour(computed.color)
    colour[name] = parsed ? toHex(parsed) : computed.color
  }
  probe.remove()
  const root = getComputedStyle(document.documentElement)
  return { colour, value: (name) => root.getPropertyValue(`--${name}`).trim() }
}
