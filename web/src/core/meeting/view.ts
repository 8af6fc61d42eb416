import type { Scope } from '../scope'
import type { ViewTile } from './state'
import type { Tile } from './wire'

const everyMs = 200
const maxPixels = 16_384

/** Sends what is shown, at most five times a second, the last word always, and nothing twice. */
export class ViewReporter {
  readonly #scope: Scope
  readonly #send: (tiles: Tile[]) => boolean
  #wanted: Tile[] | null = null
  #sent = ''
  #sentAt = Number.NEGATIVE_INFINITY
  #scheduled = false

  constructor(scope: Scope, send: (tiles: Tile[]) => boolean) {
    this.#scope = scope
    this.#send = send
  }

  show(tiles: ReadonlyArray<ViewTile>): void {
    this.#wanted = tiles.map(wireTile)
    this.#schedule()
  }

  /** The server has forgotten the view, or never got it. */
  repeat(): void {
    this.#sent = ''
    if (this.#wanted) this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    const waitMs = this.#sentAt + everyMs - performance.now()
    if (waitMs <= 0) {
      this.#flush()
      return
    }
    this.#scheduled = true
    this.#scope.timeout(() => {
      this.#scheduled = false
      this.#flush()
    }, waitMs)
  }

  #flush(): void {
    if (!this.#wanted) return
    const text = JSON.stringify(this.#wanted)
    if (text === this.#sent || !this.#send(this.#wanted)) return
    this.#sent = text
    this.#sentAt = performance.now()
  }
}

function wireTile(tile: ViewTile): Tile {
  return {
    publicationId: tile.publicationId,
    width: pixels(tile.width),
    height: pixels(tile.height),
    ...(tile.pinned ? { pinned: true } : {}),
  }
}

function pixels(value: number): number {
  return Number.isFinite(value) ? Math.min(maxPixels, Math.max(0, Math.round(value))) : 0
}
