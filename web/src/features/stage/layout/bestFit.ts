/** How a page of tiles is laid out: whole CSS pixels. */
export interface Fit {
  columns: number
  rows: number
  tileWidth: number
  tileHeight: number
}

const ratio = 16 / 9

/** The number of columns that gives the largest 16:9 tile for n tiles in a space of width × height. */
export function bestFit(n: number, width: number, height: number, gap = 8): Fit {
  let best: Fit = { columns: 1, rows: Math.max(1, n), tileWidth: 0, tileHeight: 0 }
  for (let columns = 1; columns <= n; columns++) {
    const rows = Math.ceil(n / columns)
    const cellWidth = (width - gap * (columns - 1)) / columns
    const cellHeight = (height - gap * (rows - 1)) / rows
    const tileWidth = Math.floor(Math.max(0, Math.min(cellWidth, cellHeight * ratio)))
    if (tileWidth > best.tileWidth) {
      best = { columns, rows, tileWidth, tileHeight: Math.floor(tileWidth / ratio) }
    }
  }
  return best
}

/**
 * A page on a phone: tiles fill the whole space and are as near to a square as n allows, so that a face fits whichever way
 * the phone is held.
 */
export function fillFit(n: number, width: number, height: number, gap = 8): Fit {
  let best: Fit = { columns: 1, rows: Math.max(1, n), tileWidth: 0, tileHeight: 0 }
  let bestScore = Number.POSITIVE_INFINITY
  for (let columns = 1; columns <= n; columns++) {
    const rows = Math.ceil(n / columns)
    const tileWidth = Math.floor((width - gap * (columns - 1)) / columns)
    const tileHeight = Math.floor((height - gap * (rows - 1)) / rows)
    if (tileWidth <= 0 || tileHeight <= 0) continue
    const score = Math.abs(Math.log(tileWidth / tileHeight)) + 0.1 * (columns * rows - n)
    if (score < bestScore) {
      bestScore = score
      best = { columns, rows, tileWidth, tileHeight }
    }
  }
  return best
}

/** How many tiles fit the strip below a share or a speaker, the last of them being the "others" tile when some do not fit. */
export function stripFit(
  n: number,
  width: number,
  gap = 8,
  wanted = 196,
): { shown: number; tileWidth: number } {
  const columns = Math.max(2, Math.floor((width + gap) / (wanted + gap)))
  const tileWidth = Math.floor((width - gap * (columns - 1)) / columns)
  return { shown: n <= columns ? n : columns - 1, tileWidth }
}
