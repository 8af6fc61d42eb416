import { useEffect } from 'react'
import { queryClient } from '@/core/api/queries'
import { coalesce } from '@/core/coalesce'
import { eventStream } from '@/core/events/eventStream'

/** While others draw, lists of boards are asked for again at most this often. */
const listsEveryMs = 3000

function refreshMeetings() {
  void queryClient.invalidateQueries({ queryKey: ['meetings'] })
  void queryClient.invalidateQueries({ queryKey: ['meeting'] })
}

function refreshBoardLists() {
  void queryClient.invalidateQueries({ queryKey: ['boards'] })
  void queryClient.invalidateQueries({
    predicate: ({ queryKey: [of, , part] }) => of === 'meeting' && part === 'boards',
  })
}

/** What a board is and who may open it, of one board or of all; not its history, which is as it was. */
function refreshBoard(id?: string) {
  void queryClient.invalidateQueries({
    predicate: ({ queryKey: [of, which, part] }) =>
      of === 'board' && (id === undefined || which === id) && (part === undefined || part === 'access'),
  })
}

/**
 * Asks again for meetings and boards that are shown when the server tells that one changed, or that something may have
 * been missed.
 */
export function useCompanyEvents(): void {
  useEffect(() => {
    const stream = eventStream()
    const boardLists = coalesce(refreshBoardLists, listsEveryMs)
    let wasOnline = stream.getSnapshot().online
    const refreshAll = () => {
      refreshMeetings()
      boardLists.ask()
      refreshBoard()
    }
    const stops = [
      boardLists.cancel,
      stream.on('meeting', ({ meetingId }) => {
        void queryClient.invalidateQueries({ queryKey: ['meetings'] })
        void queryClient.invalidateQueries({ queryKey: ['meeting', meetingId] })
      }),
      stream.on('board', ({ boardId }) => {
        boardLists.ask()
        refreshBoard(boardId)
      }),
      stream.on('resync', refreshAll),
      stream.on('ready', () => {
        if (wasOnline) refreshAll()
        wasOnline = true
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [])
}
