import { useEffect } from 'react'
import { queryClient } from '@/core/api/queries'
import { eventStream } from '@/core/events/eventStream'

/** Asks again for lists of meetings when the server tells that one changed, or that something may have been missed. */
export function useCompanyEvents(): void {
  useEffect(() => {
    const stream = eventStream()
    const stops = [
      stream.on('meeting', ({ meetingId }) => {
        void queryClient.invalidateQueries({ queryKey: ['meetings'] })
        void queryClient.invalidateQueries({ queryKey: ['meeting', meetingId] })
      }),
      stream.on('resync', () => {
        void queryClient.invalidateQueries({ queryKey: ['meetings'] })
        void queryClient.invalidateQueries({ queryKey: ['meeting'] })
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [])
}
