import { describe, expect, it } from 'vitest'
import { bestFit, fillFit, stripFit } from './bestFit'

describe('bestFit', () => {
  it.each([
    [1, 1048, 760, 1, 1],
    [2, 1048, 760, 1, 2],
    [2, 1408, 500, 2, 1],
    [4, 1048, 760, 2, 2],
    [5, 1408, 760, 3, 2],
    [9, 1048, 760, 3, 3],
    [16, 1048, 760, 4, 4],
  ])('%i tiles in %i × %i are %i × %i', (n, width, height, columns, rows) => {
    expect(bestFit(n, width, height)).toMatchObject({ columns, rows })
  })

  it('draws nine tiles in the drawn stage as the design does', () => {
    expect(bestFit(9, 1048, 760)).toEqual({ columns: 3, rows: 3, tileWidth: 344, tileHeight: 193 })
  })

  it('never leaves the space and never wastes a larger arrangement', () => {
    for (let n = 1; n <= 16; n++) {
      for (const [width, height] of [
        [1408, 760],
        [700, 900],
        [360, 700],
        [1800, 300],
      ] as const) {
        const fit = bestFit(n, width, height)
        expect(fit.columns * fit.tileWidth + 8 * (fit.columns - 1)).toBeLessThanOrEqual(width)
        expect(fit.rows * fit.tileHeight + 8 * (fit.rows - 1)).toBeLessThanOrEqual(height + 1)
        for (let columns = 1; columns <= n; columns++) {
          const rows = Math.ceil(n / columns)
          const other = Math.min(
            (width - 8 * (columns - 1)) / columns,
            ((height - 8 * (rows - 1)) / rows) * (16 / 9),
          )
          expect(fit.tileWidth).toBeGreaterThanOrEqual(Math.floor(other))
        }
      }
    }
  })

  it('survives no space and no tiles', () => {
    expect(bestFit(3, 0, 0).tileWidth).toBe(0)
    expect(bestFit(0, 800, 600)).toMatchObject({ columns: 1, rows: 1 })
  })
})

describe('fillFit', () => {
  it.each([
    [1, 374, 640, 1, 1],
    [2, 374, 640, 1, 2],
    [3, 374, 640, 1, 3],
    [4, 374, 640, 2, 2],
    [4, 700, 240, 4, 1],
  ])('%i tiles in %i × %i are %i × %i', (n, width, height, columns, rows) => {
    expect(fillFit(n, width, height)).toMatchObject({ columns, rows })
  })
})

describe('stripFit', () => {
  it('keeps the last place for the others', () => {
    expect(stripFit(12, 1048)).toEqual({ shown: 4, tileWidth: 203 })
    expect(stripFit(5, 1048)).toEqual({ shown: 5, tileWidth: 203 })
    expect(stripFit(3, 374)).toEqual({ shown: 1, tileWidth: 183 })
  })
})
