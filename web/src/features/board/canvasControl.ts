import {
  CaptureUpdateAction,
  getCommonBounds,
  getVisibleSceneBounds,
  zoomToFitBounds,
} from '@excalidraw/excalidraw'
import type { AppState, ExcalidrawImperativeAPI, SocketId } from '@excalidraw/excalidraw/types'
import type { Binding } from '@/core/boards/binding'
import { BoardPictures } from '@/core/boards/pictures'
import type { Presence, View } from '@/core/boards/presence'
import type { BoardServer } from '@/core/boards/server'
import type { BoardSession } from '@/core/boards/session'
import type { Scope } from '@/core/scope'
import { canvasScene } from './canvasScene'
import { collaborators } from './collaborators'
import { blobDataUrl } from './pictureFile'

interface ControlOptions {
  api: ExcalidrawImperativeAPI
  session: BoardSession
  server: BoardServer
  boardId: string
  personKey: string
}

const sameIds = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((id, at) => id === b[at])

/** Ties a loaded editor to a board's session: elements, settings of the board, pictures, and who else is there. */
export class CanvasControl {
  readonly pictures: BoardPictures
  readonly #api: ExcalidrawImperativeAPI
  readonly #session: BoardSession
  readonly #scope: Scope
  readonly #binding: Binding
  #selected: readonly string[] = []
  #view: View = [0, 0, 0, 0]
  #background: unknown
  #grid: unknown

  constructor({ api, session, server, boardId, personKey }: ControlOptions) {
    this.#api = api
    this.#session = session
    this.#scope = session.scope.child()
    this.#binding = session.bind(canvasScene(api))
    this.#scope.add(() => this.#binding.end())
    this.#scope.listen(window, 'pagehide', () => this.#binding.flush())
    this.pictures = new BoardPictures({
      boardId,
      personKey,
      server,
      scope: this.#scope,
      onFound: (id, bytes) => void this.#showPicture(id, bytes),
      onMissing: (id) => this.#markPicture(id, 'error'),
    })
    this.#bindSettings()
    this.#wantPictures()
    this.#showOthers()
    this.#scope.add(api.onChange((_elements, state) => this.#tellOwn(state)))
    this.#scope.add(
      api.onUserFollow(({ userToFollow, action }) => {
        const following = action === 'FOLLOW' ? Number(userToFollow.socketId) : undefined
        session.presence.tell({ following })
        this.#follow()
      }),
    )
  }

  end(): void {
    this.#scope.end()
  }

  /** Brings all that is on the board into view, clear of the tools. */
  showAll(): void {
    const elements = this.#api.getSceneElements()
    if (elements.length === 0) return
    const { scrollX, scrollY, zoom } = zoomToFitBounds({
      bounds: getCommonBounds(elements),
      appState: this.#api.getAppState(),
      canvasOffsets: { top: 88, bottom: 72, left: 24, right: 24 },
      fitToViewport: false,
    }).appState
    this.#api.updateScene({ appState: { scrollX, scrollY, zoom } })
  }

  #bindSettings() {
    const { meta } = this.#session
    const read = () => {
      const [background, grid] = [meta.get('background'), meta.get('grid')]
      if (typeof background === 'string' && background !== this.#background) {
        this.#background = background
        this.#api.updateScene({
          appState: { viewBackgroundColor: background },
          captureUpdate: CaptureUpdateAction.NEVER,
        })
      }
      if (typeof grid === 'boolean' && grid !== this.#grid) {
        this.#grid = grid
        this.#api.updateScene({
          appState: { gridModeEnabled: grid },
          captureUpdate: CaptureUpdateAction.NEVER,
        })
      }
    }
    const state = this.#api.getAppState()
    this.#background = state.viewBackgroundColor
    this.#grid = state.gridModeEnabled
    read()
    meta.observe(read)
    this.#scope.add(() => meta.unobserve(read))
    this.#scope.add(
      this.#api.onChange((_elements, { viewBackgroundColor, gridModeEnabled }) => {
        if (!this.#session.mayWrite()) return
        if (viewBackgroundColor !== this.#background) {
          this.#background = viewBackgroundColor
          meta.set('background', viewBackgroundColor)
        }
        if (gridModeEnabled !== this.#grid) {
          this.#grid = gridModeEnabled
          meta.set('grid', gridModeEnabled)
        }
      }),
    )
  }

  /** Asks for the pictures of the board, and of elements that come later. */
  #wantPictures() {
    const { elements } = this.#session
    const want = (ids: Iterable<string>) => {
      const files: string[] = []
      for (const id of ids) {
        const { fileId } = (elements.get(id) ?? {}) as { fileId?: unknown }
        if (typeof fileId === 'string') files.push(fileId)
      }
      this.pictures.want(files)
    }
    want(elements.keys())
    const observe = (event: { keysChanged: Set<string> }) => want(event.keysChanged)
    elements.observe(observe)
    this.#scope.add(() => elements.unobserve(observe))
    const resume = () => {
      if (this.#session.state.getSnapshot().phase === 'live') this.pictures.resume()
    }
    this.#scope.add(this.#session.state.subscribe(resume))
  }

  async #showPicture(id: string, bytes: Blob) {
    const dataURL = await blobDataUrl(bytes)
    if (this.#scope.ended) return
    this.#api.addFiles([
      {
        id: id as never,
        mimeType: bytes.type as 'image/png',
        dataURL: dataURL as never,
        created: Date.now(),
      },
    ])
    this.#markPicture(id, 'saved')
  }

  /** How a picture fares is this browser's own affair: the elements keep their version and are not written. */
  #markPicture(fileId: string, status: 'saved' | 'error') {
    const elements = this.#api.getSceneElementsIncludingDeleted()
    const concerns = elements.some(
      (one) => one.type === 'image' && one.fileId === fileId && one.status !== status,
    )
    if (!concerns) return
    this.#api.updateScene({
      elements: elements.map((one) =>
        one.type === 'image' && one.fileId === fileId && one.status !== status ? { ...one, status } : one,
      ),
      captureUpdate: CaptureUpdateAction.NEVER,
    })
  }

  #showOthers() {
    const { others } = this.#session.presence
    const show = () => {
      this.#api.updateScene({ collaborators: collaborators(others.getSnapshot()) })
      this.#showFollowers(others.getSnapshot())
      this.#follow()
    }
    show()
    this.#scope.add(others.subscribe(show))
  }

  #showFollowers(others: ReadonlyMap<number, Presence>) {
    const { clientId } = this.#session.presence
    const followers = new Set<SocketId>()
    for (const [client, { following }] of others) {
      if (following === clientId) followers.add(String(client) as SocketId)
    }
    const { followedBy } = this.#api.getAppState()
    if (sameIds([...followers], [...followedBy])) return
    this.#api.updateScene({ appState: { followedBy: followers } })
  }

  /** Keeps to the view of the person who is followed. */
  #follow() {
    const state = this.#api.getAppState()
    const followed = state.userToFollow
    if (!followed) return
    const view = this.#session.presence.others.getSnapshot().get(Number(followed.socketId))?.view
    if (!view) return
    const { scrollX, scrollY, zoom } = zoomToFitBounds({
      bounds: [...view] as [number, number, number, number],
      appState: state,
      fitToViewport: true,
      viewportZoomFactor: 1,
    }).appState
    if (scrollX === state.scrollX && scrollY === state.scrollY && zoom.value === state.zoom.value) return
    this.#api.updateScene({ appState: { scrollX, scrollY, zoom } })
  }

  #tellOwn(state: AppState) {
    const selected = Object.keys(state.selectedElementIds)
    const view = getVisibleSceneBounds(state).map(Math.round) as unknown as View
    const isSame = sameIds(selected, this.#selected) && view.every((edge, at) => edge === this.#view[at])
    if (isSame) return
    this.#selected = selected
    this.#view = view
    this.#session.presence.tell({ selected, view })
  }
}
