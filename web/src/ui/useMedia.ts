import { useSyncExternalStore } from 'react'

/** Whether a media query matches, drawn again when that changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    () => window.matchMedia(query).matches,
  )
}

/** Below this width the shell has its bar at the bottom and lists take the whole page. */
export const phoneQuery = '(max-width: 767px)'
