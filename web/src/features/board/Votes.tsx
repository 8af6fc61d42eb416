import { sceneCoordsToViewportCoords } from '@excalidraw/excalidraw'
import type { AppState, ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BoardElement } from '@/core/boards/element'
import type { BoardVotes, Tally } from '@/core/boards/votes'
import { useStore } from '@/ui/useStore'

interface VotesProps {
  api: ExcalidrawImperativeAPI
  votes: BoardVotes
  /** May vote. */
  gives: boolean
}

interface Stamp {
  id: string
  left: number
  top: number
  name: string
}

/** Small stamps with the number of votes on notes, where the board has voting. */
export function Votes({ api, votes, gives }: VotesProps) {
  const { t } = useTranslation('board')
  const tally = useStore(votes.tally)
  const stamps = useStamps(api, tally, gives)
  if (tally.each === null) return null
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a press leaves the focus, and so the keys, with the board
    <div className="board-votes" onMouseDown={(event) => event.preventDefault()}>
      {stamps.map(({ id, left, top, name }) => {
        const { all, own } = tally.byElement.get(id) ?? { all: 0, own: 0 }
        const label = t('votes.of', { name, count: all, own })
        return (
          <span key={id} className="board-stamp" style={{ left, top }}>
            {gives && own > 0 && (
              <button
                type="button"
                aria-label={t('votes.takeBack', { name })}
                onClick={() => votes.takeBack(id)}
              >
                −
              </button>
            )}
            {gives ? (
              <button
                type="button"
                aria-label={`${t('votes.give', { name })} ${label}`}
                aria-disabled={tally.left === 0}
                className={own > 0 ? 'own' : undefined}
                onClick={() => votes.give(id)}
              >
                👍 {all > 0 && <b>{all}</b>}
              </button>
            ) : (
              <span role="img" aria-label={label}>
                👍 <b>{all}</b>
              </span>
            )}
          </span>
        )
      })}
      {gives && (
        <p className="board-votes-left" role="status">
          {t('votes.left', { count: tally.left })}
        </p>
      )}
    </div>
  )
}

const containers: ReadonlySet<string> = new Set(['rectangle', 'diamond', 'ellipse'])
const smallestZoom = 0.3

/** Where the stamps stand, again with each change of the canvas. */
function useStamps(api: ExcalidrawImperativeAPI, tally: Tally, gives: boolean): readonly Stamp[] {
  const [stamps, setStamps] = useState<readonly Stamp[]>([])
  useEffect(() => {
    if (tally.each === null) return
    const place = () => setStamps((before) => same(before, stampsOf(api, tally, gives)))
    place()
    const stops = [api.onChange(place), api.onScrollChange(place)]
    return () => {
      for (const stop of stops) stop()
    }
  }, [api, tally, gives])
  return stamps
}

function stampsOf(api: ExcalidrawImperativeAPI, tally: Tally, gives: boolean): Stamp[] {
  const state = api.getAppState()
  const elements: readonly BoardElement[] = api.getSceneElements()
  const texts = new Map<string, string>()
  for (const { containerId, text } of elements) if (containerId && text) texts.set(containerId, text)
  return elements.flatMap((element) => {
    const text = texts.get(element.id)
    const hasVotes = tally.byElement.has(element.id)
    const mayHave = gives && state.zoom.value >= smallestZoom && containers.has(element.type) && text
    if (!hasVotes && !mayHave) return []
    const at = place(element, state)
    return at ? [{ id: element.id, name: (text ?? element.type).slice(0, 60), ...at }] : []
  })
}

function place({ x, y, width, height }: BoardElement, state: AppState): { left: number; top: number } | null {
  const corner = sceneCoordsToViewportCoords({ sceneX: x + width, sceneY: y + height }, state)
  const left = Math.round(corner.x - state.offsetLeft)
  const top = Math.round(corner.y - state.offsetTop)
  const isSeen = left > 0 && top > 0 && left < state.width + 40 && top < state.height + 20
  return isSeen ? { left, top } : null
}

function same(before: readonly Stamp[], after: readonly Stamp[]): readonly Stamp[] {
  const isSame =
    before.length === after.length &&
    after.every((one, at) => {
      const other = before[at]
      return (
        other?.id === one.id && other.left === one.left && other.top === one.top && other.name === one.name
      )
    })
  return isSame ? before : after
}
