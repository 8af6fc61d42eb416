import type { ViewTile } from '@/core/meeting/state'

interface Watched {
  publicationId: string
  pinned: boolean
  /** The picture is looked at this many times larger than its box. */
  zoom: number
  width: number
  height: number
  visible: boolean
}

/**
 * Tells the server which videos are on the screen and how large, so that it sends no more than can be seen. One observer
 * for sizes and one for what is scrolled out of sight; changes within a frame become one report.
 */
export class ViewReporter {
  readonly #watched = new Map<Element, Watched>()
  readonly #report: (tiles: ViewTile[]) => void
  readonly #sizes: ResizeObserver
  readonly #sights: IntersectionObserver
  #timer = 0

  constructor(report: (tiles: ViewTile[]) => void) {
    this.#report = report
    this.#sizes = new ResizeObserver((entries) => {
      for (const entry of entries) {
        const watched = this.#watched.get(entry.target)
        if (!watched) continue
        watched.width = entry.contentRect.width
        watched.height = entry.contentRect.height
      }
      this.#schedule()
    })
    this.#sights = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const watched = this.#watched.get(entry.target)
        if (watched) watched.visible = entry.isIntersecting
      }
      this.#schedule()
    })
  }

  /** Counts an element as showing a publication until the returned function is called. */
  watch(
    element: Element,
    publicationId: string,
    options: { pinned?: boolean; zoom?: number } = {},
  ): () => void {
    const { width, height } = element.getBoundingClientRect()
    const { pinned = false, zoom = 1 } = options
    this.#watched.set(element, { publicationId, pinned, zoom, width, height, visible: true })
    this.#sizes.observe(element)
    this.#sights.observe(element)
    this.#schedule()
    return () => {
      this.#watched.delete(element)
      this.#sizes.unobserve(element)
      this.#sights.unobserve(element)
      this.#schedule()
    }
  }

  /** Asks for a larger picture of what is zoomed into. */
  setZoom(element: Element, zoom: number): void {
    const watched = this.#watched.get(element)
    if (!watched || watched.zoom === zoom) return
    watched.zoom = zoom
    this.#schedule()
  }

  close(): void {
    window.clearTimeout(this.#timer)
    this.#timer = 0
    this.#sizes.disconnect()
    this.#sights.disconnect()
    this.#watched.clear()
  }

  #schedule(): void {
    if (this.#timer !== 0) return
    this.#timer = window.setTimeout(() => {
      this.#timer = 0
      this.#report(viewOf([...this.#watched.values()], window.devicePixelRatio))
    }, 30)
  }
}

/** The view as the server wants it: each video once, at its largest, in device pixels. */
export function viewOf(watched: ReadonlyArray<Watched>, pixelRatio: number): ViewTile[] {
  const tiles = new Map<string, ViewTile>()
  for (const { publicationId, pinned, zoom, width, height, visible } of watched) {
    if (!visible || width < 1 || height < 1) continue
    const known = tiles.get(publicationId)
    const tile: ViewTile = {
      publicationId,
      width: Math.max(known?.width ?? 0, Math.round(width * zoom * pixelRatio)),
      height: Math.max(known?.height ?? 0, Math.round(height * zoom * pixelRatio)),
    }
    if (pinned || known?.pinned) tile.pinned = true
    tiles.set(publicationId, tile)
  }
  return [...tiles.values()]
}
