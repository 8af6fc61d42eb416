import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BoardPresence } from '@/core/boards/presence'

const emojis = ['👍', '❤️', '🎉', '👏', '💡', '❓'] as const

/** What those may do who cannot draw: point with the laser, and react where the pointer is. */
export function ReactionBar({ api, presence }: { api: ExcalidrawImperativeAPI; presence: BoardPresence }) {
  const { t } = useTranslation('board')
  const [laser, setLaser] = useState(false)
  const number = useRef(0)
  const react = (emoji: string) => {
    const { scrollX, scrollY, width, height, zoom } = api.getAppState()
    const x = width / 2 / zoom.value - scrollX
    const y = height / 2 / zoom.value - scrollY
    presence.tell({ reaction: { emoji, x, y, number: ++number.current } })
  }
  return (
    <div className="board-reactions-bar" role="toolbar" aria-label={t('reactions.name')}>
      <button
        type="button"
        aria-pressed={laser}
        onClick={() => {
          api.setActiveTool({ type: laser ? 'hand' : 'laser' })
          setLaser(!laser)
        }}
      >
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
  )
}
