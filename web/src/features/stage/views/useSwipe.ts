import { type TouchEvent, useRef } from 'react'

const minPx = 48

/** A finger drawn to one side turns the page: +1 to the left, -1 to the right. */
export function useSwipe(onSwipe: (by: 1 | -1) => void) {
  const start = useRef<{ x: number; y: number } | null>(null)
  return {
    onTouchStart: (event: TouchEvent) => {
      const touch = event.touches[0]
      start.current = event.touches.length === 1 && touch ? { x: touch.clientX, y: touch.clientY } : null
    },
    onTouchEnd: (event: TouchEvent) => {
      const touch = event.changedTouches[0]
      if (!start.current || !touch) return
      const x = touch.clientX - start.current.x
      const y = touch.clientY - start.current.y
      start.current = null
      if (Math.abs(x) < minPx || Math.abs(x) < 2 * Math.abs(y)) return
      onSwipe(x < 0 ? 1 : -1)
    },
  }
}
