import {
  CaptureUpdateAction,
  convertToExcalidrawElements,
  loadFromBlob,
  serializeAsJSON,
  viewportCoordsToSceneCoords,
} from '@excalidraw/excalidraw'
import type { BinaryFileData, ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { withNewIds } from '@/core/boards/newIds'
import type { BoardPictures } from '@/core/boards/pictures'
import { newId } from '@/core/id'
import { type PictureFile, preparePicture } from './pictureFile'

const maxShownWidth = 640

/** Saves the board as an .excalidraw file, pictures included. */
export function saveBoardFile(api: ExcalidrawImperativeAPI, title: string): void {
  const json = serializeAsJSON(api.getSceneElements(), api.getAppState(), api.getFiles(), 'local')
  const url = URL.createObjectURL(new Blob([json], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${title.replace(/[\\/:*?"<>|]/g, ' ').trim() || 'board'}.excalidraw`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** Puts what an .excalidraw file holds beside what is on the board, as one step for undo. */
export async function insertBoardFile(
  api: ExcalidrawImperativeAPI,
  pictures: BoardPictures,
  file: Blob,
): Promise<void> {
  const loaded = await loadFromBlob(file, null, null)
  const files = new Map<string, string>()
  for (const [id, data] of Object.entries(loaded.files)) {
    const picture = await preparePicture(asBlob(data.dataURL))
    keep(api, pictures, picture)
    files.set(id, picture.id)
  }
  const elements = withNewIds(
    loaded.elements.filter((element) => !element.isDeleted),
    newId,
  ).map((element) =>
    element.type === 'image' && element.fileId
      ? { ...element, fileId: (files.get(element.fileId) ?? null) as typeof element.fileId }
      : element,
  )
  const placed = elements.map((element) => ({ ...element, index: null as never }))
  api.updateScene({
    elements: [...api.getSceneElementsIncludingDeleted(), ...placed],
    captureUpdate: CaptureUpdateAction.IMMEDIATELY,
  })
  api.scrollToContent(placed, { fitToContent: true })
}

/** Puts pictures on the board around a point of the window, as one step for undo. */
export async function insertPictures(
  api: ExcalidrawImperativeAPI,
  pictures: BoardPictures,
  files: readonly Blob[],
  at: { clientX: number; clientY: number },
): Promise<void> {
  const { x, y } = viewportCoordsToSceneCoords(at, api.getAppState())
  const ready = await Promise.all(files.map(preparePicture))
  let left = x
  const elements = convertToExcalidrawElements(
    ready.map((picture) => {
      keep(api, pictures, picture)
      const scale = Math.min(1, maxShownWidth / picture.width)
      const [width, height] = [picture.width * scale, picture.height * scale]
      const position = { x: left, y: y - height / 2, width, height }
      left += width + 20
      return { type: 'image', fileId: picture.id as BinaryFileData['id'], status: 'saved', ...position }
    }),
  )
  api.updateScene({
    elements: [...api.getSceneElementsIncludingDeleted(), ...elements],
    captureUpdate: CaptureUpdateAction.IMMEDIATELY,
  })
}

/** Gives a picture to the canvas and to what sends it. */
export function keep(api: ExcalidrawImperativeAPI, pictures: BoardPictures, picture: PictureFile): void {
  api.addFiles([
    {
      id: picture.id as BinaryFileData['id'],
      mimeType: picture.bytes.type as BinaryFileData['mimeType'],
      dataURL: picture.dataUrl as BinaryFileData['dataURL'],
      created: Date.now(),
    },
  ])
  pictures.add(picture)
}

/** Not by fetch: the page's policy lets nothing be fetched from data URLs. */
function asBlob(dataUrl: string): Blob {
  const [head = '', body = ''] = dataUrl.split(',', 2)
  const type = /^data:([^;,]+)/.exec(head)?.[1] ?? 'application/octet-stream'
  const text = head.endsWith(';base64') ? atob(body) : decodeURIComponent(body)
  return new Blob([Uint8Array.from(text, (letter) => letter.charCodeAt(0))], { type })
}
