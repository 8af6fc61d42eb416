import { useEffect } from 'react'
import { isOn } from './Preview'
import type { PreJoinMedia } from './prejoinMedia'

/** M and V as on the stage, when one is not typing. */
export function usePreJoinKeys(
  media: PreJoinMedia,
  toggle: (kind: 'microphone' | 'camera', on: boolean) => void,
): void {
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (
        event.isComposing ||
        event.repeat ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        event.shiftKey
      )
        return
      const target = event.target
      if (target instanceof Element && target.closest('input, textarea, select, [role="menu"]')) return
      const { microphone, camera } = media.getSnapshot()
      if (event.code === 'KeyM') toggle('microphone', !isOn(microphone.state))
      if (event.code === 'KeyV') toggle('camera', !isOn(camera.state))
    }
    window.addEventListener('keydown', down)
    return () => window.removeEventListener('keydown', down)
  }, [media, toggle])
}
