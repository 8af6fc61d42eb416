import { useMemo, useRef } from 'react'
import { useStore } from '@/ui/useStore'
import { useStage } from './stageCall'

/** When each participant was last the active speaker; a new map whenever the active speaker changes. */
export function useLastSpoke(): { lastSpoke: ReadonlyMap<string, number>; speakerId: string | null } {
  const { call } = useStage()
  const speakerId = useStore(call, (snapshot) => snapshot.activeSpeakerId)
  const times = useRef(new Map<string, number>())
  return useMemo(() => {
    if (speakerId !== null) times.current.set(speakerId, performance.now())
    return { lastSpoke: new Map(times.current), speakerId }
  }, [speakerId])
}
