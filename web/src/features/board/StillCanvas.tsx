import { CaptureUpdateAction, Excalidraw, MainMenu } from '@excalidraw/excalidraw'
import '@excalidraw/excalidraw/index.css'
import type { BinaryFileData, ExcalidrawImperativeAPI, SceneData } from '@excalidraw/excalidraw/types'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type BoardContent, readBoard } from '@/core/boards/readBoard'
import { boardServer } from '@/core/boards/server'
import type { Scheme } from '@/core/theme/appearance'
import { currentLocale } from '@/i18n'
import { mendNames } from './mendNames'
import { blobDataUrl } from './pictureFile'

const paper = '#ffffff'

/** The editor without any means to change what it shows. */
export function StillCanvas({
  boardId,
  state,
  scheme,
}: {
  boardId: string
  state: Uint8Array
  scheme: Scheme
}) {
  const [api, setApi] = useState<ExcalidrawImperativeAPI | null>(null)
  const [isLoaded, setLoaded] = useState(false)
  const shown = useRef(false)
  const box = useRef<HTMLDivElement>(null)
  const { t } = useTranslation('board')
  const menuName = t('menu.name')
  useEffect(() => (box.current ? mendNames(box.current, menuName) : undefined), [menuName])
  useEffect(() => {
    if (!api) return
    const check = () => {
      if (!api.getAppState().isLoading) setLoaded(true)
    }
    check()
    return api.onChange(check)
  }, [api])
  useEffect(() => {
    if (!api || !isLoaded) return
    const content = read(state)
    show(api, content)
    if (!shown.current && content.elements.length > 0) {
      shown.current = true
      api.scrollToContent(api.getSceneElements(), { fitToContent: true, animate: false })
    }
    let stale = false
    void loadPictures(boardId, content, new Set(Object.keys(api.getFiles())), (file) => {
      if (!stale) api.addFiles([file])
    })
    return () => {
      stale = true
    }
  }, [api, isLoaded, state, boardId])
  return (
    <div className="board-canvas" ref={box}>
      <Excalidraw
        excalidrawAPI={setApi}
        langCode={currentLocale()}
        theme={scheme}
        viewModeEnabled
        aiEnabled={false}
      >
        <MainMenu>
          <MainMenu.DefaultItems.SaveAsImage />
        </MainMenu>
      </Excalidraw>
    </div>
  )
}

function read(state: Uint8Array): BoardContent {
  try {
    return readBoard(state)
  } catch {
    return { elements: [], background: null }
  }
}

function show(api: ExcalidrawImperativeAPI, { elements, background }: BoardContent) {
  api.updateScene({
    elements: elements as unknown as NonNullable<SceneData['elements']>,
    appState: { viewBackgroundColor: background ?? paper },
    captureUpdate: CaptureUpdateAction.NEVER,
  })
}

async function loadPictures(
  boardId: string,
  { elements }: BoardContent,
  known: ReadonlySet<string>,
  found: (file: BinaryFileData) => void,
): Promise<void> {
  const server = boardServer(boardId)
  const ids = new Set(elements.map(({ fileId }) => fileId))
  for (const id of ids) {
    if (!id || known.has(id)) continue
    try {
      const bytes = await server.fetchPicture(id)
      found({
        id: id as BinaryFileData['id'],
        mimeType: bytes.type as BinaryFileData['mimeType'],
        dataURL: (await blobDataUrl(bytes)) as BinaryFileData['dataURL'],
        created: Date.now(),
      })
    } catch {
      // The place of a picture that cannot be had stays marked as such.
    }
  }
}
