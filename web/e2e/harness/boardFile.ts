/** An .excalidraw file with so many rectangles, ten in a row. */
export function boardFile(count: number): Buffer {
  const elements = Array.from({ length: count }, (_, at) => ({
    id: `rectangle-${at}`,
    type: 'rectangle',
    x: (at % 10) * 60,
    y: Math.floor(at / 10) * 60,
    width: 40,
    height: 40,
    angle: 0,
    strokeColor: '#1971c2',
    backgroundColor: '#a5d8ff',
    fillStyle: 'solid',
    strokeWidth: 2,
    strokeStyle: 'solid',
    roughness: 1,
    opacity: 100,
    groupIds: [],
    frameId: null,
    roundness: null,
    seed: at + 1,
    version: 1,
    versionNonce: at + 1,
    isDeleted: false,
    boundElements: null,
    updated: 1,
    link: null,
    locked: false,
  }))
  return Buffer.from(JSON.stringify({ type: 'excalidraw', version: 2, elements, appState: {}, files: {} }))
}
