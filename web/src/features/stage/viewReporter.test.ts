import { describe, expect, it } from 'vitest'
import { viewOf } from './viewReporter'

const tile = { publicationId: 'a', pinned: false, zoom: 1, width: 320, height: 180, visible: true }

describe('viewOf', () => {
  it('counts device pixels', () => {
    expect(viewOf([tile], 2)).toEqual([{ publicationId: 'a', width: 640, height: 360 }])
  })

  it('names each video once, at its largest', () => {
    const large = { ...tile, width: 1280, height: 720, pinned: true }
    expect(viewOf([tile, large, tile], 1)).toEqual([
      { publicationId: 'a', width: 1280, height: 720, pinned: true },
    ])
  })

  it('leaves out what cannot be seen', () => {
    expect(
      viewOf(
        [
          { ...tile, visible: false },
          { ...tile, publicationId: 'b', width: 0 },
        ],
        1,
      ),
    ).toEqual([])
  })

  it('asks for more of what is zoomed into', () => {
    expect(viewOf([{ ...tile, zoom: 2 }], 1)).toEqual([{ publicationId: 'a', width: 640, height: 360 }])
  })
})
