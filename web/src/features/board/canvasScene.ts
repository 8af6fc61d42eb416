import { CaptureUpdateAction } from '@excalidraw/excalidraw'
import type { ExcalidrawImperativeAPI, SceneData } from '@excalidraw/excalidraw/types'
import type { BoardScene } from '@/core/boards/binding'
import { inHand } from './inHand'

/** The canvas as the binding sees it. */
export function canvasScene(api: ExcalidrawImperativeAPI): BoardScene {
  return {
    elements: () => api.getSceneElementsIncludingDeleted(),
    busy: () => inHand(api.getAppState(), api.getSceneElementsIncludingDeleted()),
    show: (elements) =>
      api.updateScene({
        elements: elements as unknown as NonNullable<SceneData['elements']>,
        captureUpdate: CaptureUpdateAction.NEVER,
      }),
    onChange: (listener) => api.onChange(listener),
  }
}
