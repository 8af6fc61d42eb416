import { describe, expect, it } from 'vitest'
import { clampZoom, fitInto, fitZoom, stepScale, zoomAt } from './zoom'

const box = { width: 1000, height: 600 }
const fitted = fitInto({ width: 1920, height: 1080 }, box)

describe('zoom', () => {
  it('fits a picture into a box', () => {
    expect(fitted).toEqual({ width: 1000, height: 562.5 })
    expect(fitInto({ width: 0, height: 0 }, box)).toEqual(box)
  })

  it('keeps what is under the pointer where it is', () => {
    const point = { x: 200, y: 100 }
    const zoomed = zoomAt(fitZoom, 2, point, fitted, box)
    expect(zoomed).toEqual({ scale: 2, x: -200, y: -100 })
    expect((point.x - zoomed.x) / zoomed.scale).toBe(point.x)
  })

  it('goes back to the middle at fit', () => {
    expect(zoomAt({ scale: 2, x: -300, y: 200 }, 0.5, { x: 9, y: 9 }, fitted, box)).toEqual(fitZoom)
  })

  it('never shows more black than needed', () => {
    expect(clampZoom({ scale: 2, x: 9999, y: -9999 }, fitted, box)).toEqual({ scale: 2, x: 500, y: -262.5 })
  })

  it('steps up and down between fit and the largest', () => {
    expect(stepScale(1, 1)).toBe(1.25)
    expect(stepScale(1.3, 1)).toBe(1.5)
    expect(stepScale(6, 1)).toBe(6)
    expect(stepScale(1.25, -1)).toBe(1)
    expect(stepScale(1, -1)).toBe(1)
  })
})
