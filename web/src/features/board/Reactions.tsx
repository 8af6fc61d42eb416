import { sceneCoordsToViewportCoords } from '@excalidraw/excalidraw'
import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { useEffect, useRef, useState } from 'react'
import type { BoardPresence } from '@/core/boards/presence'

interface Shown {
  key: string
  emoji: string
  name: string
  left: number
  top: number
}

const shownMs = 3000

/** Reactions of the others, for a moment, where they were made. */
export function Reactions({ api, presence }: { api: ExcalidrawImperativeAPI; presence: BoardPresence }) {
  const [shown, setShown] = useState<readonly Shown[]>([])
  const seen = useRef(new Map<number, number>())
  useEffect(() => {
    const timers = new Set<number>()
    const read = (isFirst: boolean) => {
      for (const [client, { user, reaction }] of presence.others.getSnapshot()) {
        if (!reaction || seen.current.get(client) === reaction.number) continue
        seen.current.set(client, reaction.number)
        if (isFirst) continue
        const state = api.getAppState()
        const at = sceneCoordsToViewportCoords({ sceneX: reaction.x, sceneY: reaction.y }, state)
        const key = `${client}-${reaction.number}`
        const left = Math.min(Math.max(24, at.x - state.offsetLeft), state.width - 24)
        const top = Math.min(Math.max(80, at.y - state.offsetTop), state.height - 40)
        setShown((list) => [...list.slice(-20), { key, emoji: reaction.emoji, name: user.name, left, top }])
        const timer = window.setTimeout(() => {
          timers.delete(timer)
          setShown((list) => list.filter((one) => one.key !== key))
        }, shownMs)
        timers.add(timer)
      }
    }
    read(true)
    const stop = presence.others.subscribe(() => read(false))
    return () => {
      stop()
      for (const timer of timers) window.clearTimeout(timer)
    }
  }, [api, presence])
  return (
    <div className="board-reactions" role="status">
      {shown.map(({ key, emoji, name, left, top }) => (
        <span key={key} style={{ left, top }}>
          <i>{emoji}</i>
          <small>{name}</small>
        </span>
      ))}
    </div>
  )
}
