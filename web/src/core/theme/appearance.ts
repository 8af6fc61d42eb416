import { StateStore } from '@/core/store'

/** What the reader chose; `system` follows the device. */
export type Appearance = 'system' | 'light' | 'dark'
export const appearances: readonly Appearance[] = ['system', 'light', 'dark']

export type Scheme = 'light' | 'dark'

const storageKey = 'parley.appearance'

/** The choice of light or dark, kept in this browser, and the scheme that results. */
class AppearanceStore extends StateStore<{ appearance: Appearance; scheme: Scheme }> {
  readonly #dark = window.matchMedia('(prefers-color-scheme: dark)')

  constructor() {
    super({ appearance: 'system', scheme: 'light' })
    this.#dark.addEventListener('change', () => this.#apply(this.getSnapshot().appearance))
    this.#apply(stored())
  }

  choose(appearance: Appearance): void {
    try {
      localStorage.setItem(storageKey, appearance)
    } catch {
      // Storage may be refused; the choice then lasts until the page is closed.
    }
    this.#apply(appearance)
  }

  #apply(appearance: Appearance) {
    const scheme = appearance === 'system' ? (this.#dark.matches ? 'dark' : 'light') : appearance
    document.documentElement.dataset.theme = scheme
    this.set({ appearance, scheme })
  }
}

function stored(): Appearance {
  try {
    const value = localStorage.getItem(storageKey)
    return appearances.find((appearance) => appearance === value) ?? 'system'
  } catch {
    return 'system'
  }
}

export const appearanceStore = new AppearanceStore()
