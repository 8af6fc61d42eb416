import { useSyncExternalStore } from 'react'

function subscribe(listener: () => void): () => void {
  document.addEventListener('fullscreenchange', listener)
  return () => document.removeEventListener('fullscreenchange', listener)
}

/** Whether something fills the screen now. */
export function useFullScreen(): boolean {
  return useSyncExternalStore(subscribe, () => document.fullscreenElement !== null)
}

/** Fills the screen with an element, or goes back. Refusals by the browser are of no consequence. */
export async function toggleFullScreen(element: Element | null): Promise<void> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen()
    else await element?.requestFullscreen()
  } catch {
    return
  }
}
