import { viewportCoordsToSceneCoords } from '@excalidraw/excalidraw'
import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { type PointerEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BoardPresence } from '@/core/boards/presence'

const emojis = ['👍', '❤️', '🎉', '👏', '💡', '❓'] as const

/** What those may do who cannot draw: point with the laser, and react where the pointer is. */
export function ReactionBar({ api, presence }: { api: ExcalidrawImperativeAPI; presence: BoardPresence }) {
  const { t } = useTranslation('board')
  const [laser, setLaser] = useState(false)
  const number = useRef(0)
  const point = ({ clientX, clientY }: PointerEvent, button: 'up' | 'down') => {
    const at = viewportCoordsToSceneCoords({ clientX, clientY }, api.getAppState())
    presence.tell({ pointer: { ...at, tool: 'laser' }, button })
  }
  const react = (emoji: string) => {
    const { scrollX, scrollY, width, height, zoom } = api.getAppState()
    const x = width / 2 / zoom.value - scrollX
    const y = height / 2 / zoom.value - scrollY
    presence.tell({ reaction: { emoji, x, y, number: ++number.current } })
  }
  return (
    <>
      {laser && (
        // The editor pans with every press where nothing can be drawn, whatever its tool is.
        <div
          className="board-laser"
          aria-hidden="true"
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            point(event, 'down')
          }}
          onPointerMove={(event) => point(event, event.buttons > 0 ? 'down' : 'up')}
          onPointerUp={(event) => point(event, 'up')}
        />
      )}
      <div className="board-reactions-bar" role="toolbar" aria-label={t('reactions.name')}>
        <button type="button" aria-pressed={laser} onClick={() => setLaser(!laser)}>
          {t('reactions.laser')}
        </button>
        {emojis.map((emoji) => (
          <button
            key={emoji}
            type="button"
            aria-label={t('reactions.react', { emoji })}
            onClick={() => react(emoji)}
          >
            {emoji}
          </button>
        ))}
      </div>
    </>
  )
}
