import { Excalidraw, MainMenu } from '@excalidraw/excalidraw'
import '@excalidraw/excalidraw/index.css'
import type { ExcalidrawImperativeAPI, LibraryItems } from '@excalidraw/excalidraw/types'
import { type DragEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ShapeLibrary } from '@/core/boards/library'
import type { BoardPerson } from '@/core/boards/names'
import type { BoardPictures } from '@/core/boards/pictures'
import { boardServer } from '@/core/boards/server'
import type { BoardSession } from '@/core/boards/session'
import type { Scheme } from '@/core/theme/appearance'
import { currentLocale } from '@/i18n'
import { Icon } from '@/ui/Icon'
import { toast } from '@/ui/Toast'
import { useStore } from '@/ui/useStore'
import { insertBoardFile, insertPictures, keep, saveBoardFile } from './boardFile'
import { CanvasControl } from './canvasControl'
import { mendNames } from './mendNames'
import { preparePicture } from './pictureFile'
import { ReactionBar } from './ReactionBar'
import { Reactions } from './Reactions'
import { Votes } from './Votes'

interface CanvasProps {
  session: BoardSession
  boardId: string
  title: string
  person: BoardPerson
  scheme: Scheme
  /** May change the board. */
  draws: boolean
  /** May point and react. */
  points: boolean
  focus: boolean
}

const uiOptions = {
  canvasActions: {
    changeViewBackgroundColor: true,
    clearCanvas: true,
    export: false,
    loadScene: false,
    saveToActiveFile: false,
    saveAsImage: true,
    toggleTheme: false,
  },
} as const

/** The editor itself, tied to the session once it has loaded. */
export function Canvas({ session, boardId, title, person, scheme, draws, points, focus }: CanvasProps) {
  const { t } = useTranslation('board')
  const [api, setApi] = useState<ExcalidrawImperativeAPI | null>(null)
  const control = useControl(api, session, boardId, person)
  const library = useLibrary(api, person.key)
  const chooser = useRef<HTMLInputElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const menuName = t('menu.name')
  useEffect(() => (box.current ? mendNames(box.current, menuName) : undefined), [menuName])

  const insertFile = useCallback(
    async (file: Blob) => {
      if (!api || !control) return
      try {
        await insertBoardFile(api, control.pictures, file)
      } catch {
        toast.warn(t('file.unreadable'))
      }
    },
    [api, control, t],
  )

  const onDrop = (event: DragEvent) => {
    const files = [...event.dataTransfer.files]
    if (files.length === 0 || files.every(({ name }) => name.endsWith('.excalidrawlib'))) return
    // The editor itself would put the file's board in the place of everybody's.
    event.preventDefault()
    event.stopPropagation()
    if (!draws || !api || !control) return
    const pictures = files.filter(({ type }) => type.startsWith('image/'))
    const boards = files.filter(({ name }) => /\.(excalidraw|json)$/i.test(name))
    if (pictures.length + boards.length < files.length) toast.warn(t('file.kinds'))
    if (pictures.length > 0) {
      insertPictures(api, control.pictures, pictures, event).catch(() => toast.warn(t('file.picture')))
    }
    for (const board of boards) void insertFile(board)
  }

  const idForFile = useCallback(
    async (file: File) => {
      if (!api || !control) throw new Error('the board is not open')
      const picture = await preparePicture(file)
      keep(api, control.pictures, picture)
      return picture.id
    },
    [api, control],
  )

  const { presence } = session
  return (
    <div className="board-canvas" ref={box} onDropCapture={onDrop}>
      <Excalidraw
        excalidrawAPI={setApi}
        langCode={currentLocale()}
        theme={scheme}
        name={title}
        viewModeEnabled={!draws}
        isCollaborating
        autoFocus={focus}
        aiEnabled={false}
        validateEmbeddable={false}
        UIOptions={uiOptions}
        generateIdForFile={idForFile}
        onLibraryChange={library.save}
        {...(points
          ? {
              onPointerUpdate: ({ pointer, button }) => presence.tell({ pointer, button }),
            }
          : {})}
      >
        <MainMenu>
          {draws && (
            <MainMenu.Item icon={<Icon name="plus" />} onSelect={() => chooser.current?.click()}>
              {t('menu.insert')}
            </MainMenu.Item>
          )}
          <MainMenu.Item icon={<Icon name="download" />} onSelect={() => api && saveBoardFile(api, title)}>
            {t('menu.save')}
          </MainMenu.Item>
          <MainMenu.DefaultItems.SaveAsImage />
          <MainMenu.Item
            icon={<Icon name="search" />}
            shortcut="Ctrl+F"
            onSelect={() => api?.toggleSidebar({ name: 'default', tab: 'search', force: true })}
          >
            {t('menu.find')}
          </MainMenu.Item>
          <MainMenu.DefaultItems.Help />
          {draws && <MainMenu.DefaultItems.ClearCanvas />}
          {draws && <MainMenu.Separator />}
          {draws && <MainMenu.DefaultItems.ChangeCanvasBackground />}
        </MainMenu>
      </Excalidraw>
      <input
        ref={chooser}
        type="file"
        accept=".excalidraw,application/json"
        hidden
        aria-label={t('menu.insert')}
        onChange={(event) => {
          const [file] = event.target.files ?? []
          event.target.value = ''
          if (file) void insertFile(file)
        }}
      />
      {control && <PicturesNote pictures={control.pictures} />}
      {api && control && <Votes api={api} votes={session.votes} gives={draws} />}
      {api && control && <Reactions api={api} presence={presence} />}
      {api && control && points && !draws && <ReactionBar api={api} presence={presence} />}
    </div>
  )
}

/** Says which pictures the others do not see yet, and which never will. */
function PicturesNote({ pictures }: { pictures: BoardPictures }) {
  const { t } = useTranslation('board')
  const { waiting, refused } = useStore(pictures.state)
  useEffect(() => {
    if (refused !== null) toast.failed({ code: refused })
  }, [refused])
  return (
    waiting > 0 && (
      <p className="board-pictures" role="status">
        {t('pictures.waiting', { count: waiting })}
      </p>
    )
  )
}

/** Ties the session to the editor while both are there. */
function useControl(
  api: ExcalidrawImperativeAPI | null,
  session: BoardSession,
  boardId: string,
  { key: personKey }: BoardPerson,
): CanvasControl | null {
  const [control, setControl] = useState<CanvasControl | null>(null)
  useEffect(() => {
    if (!api) return
    let begun: CanvasControl | null = null
    const begin = () => {
      // What is put on the canvas while the editor loads is lost.
      if (begun || api.getAppState().isLoading) return
      begun = new CanvasControl({ api, session, server: boardServer(boardId), boardId, personKey })
      begun.showAll()
      setControl(begun)
    }
    const stop = api.onChange(begin)
    begin()
    return () => {
      stop()
      begun?.end()
      setControl(null)
    }
  }, [api, session, boardId, personKey])
  return control
}

/** Loads the person's library into the editor and keeps what changes in it. */
function useLibrary(api: ExcalidrawImperativeAPI | null, personKey: string) {
  const library = useMemo(() => new ShapeLibrary<LibraryItems[number]>(personKey), [personKey])
  const loaded = useRef(false)
  useEffect(() => {
    loaded.current = false
    if (!api) return
    let stale = false
    void library.load().then(async (libraryItems) => {
      if (stale) return
      if (libraryItems.length > 0) await api.updateLibrary({ libraryItems })
      loaded.current = true
    })
    return () => {
      stale = true
    }
  }, [api, library])
  useEffect(() => () => library.close(), [library])
  const save = useCallback(
    (items: LibraryItems) => {
      if (loaded.current) void library.save(items)
    },
    [library],
  )
  return { save }
}
