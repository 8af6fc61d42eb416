import { type ReactNode, useCallback } from 'react'
import type { ParticipantView } from '@/core/meeting/state'
import { useMedia } from '@/ui/stage/useMedia'
import { BoardView } from '../board/BoardView'
import type { View } from '../layout/view'
import { TileMenu } from '../TileMenu'
import { Gallery } from './Gallery'
import { Presentation } from './Presentation'
import { SpeakerView } from './SpeakerView'

interface ViewsProps {
  view: View
  phone: boolean
  pinnedId: string | null
  onPin: (participantId: string | null) => void
  onShare: (shareId: string) => void
  onBoard: (boardId: string) => void
  onCloseBoard: () => void
  onOthers: () => void
  notices: ReactNode
}

/** The view that was chosen. Only what it shows is mounted, so that only that is asked of the server. */
export function Views(props: ViewsProps) {
  const { view, phone, pinnedId, onPin, onShare, onBoard, onCloseBoard, onOthers, notices } = props
  const actions = useCallback(
    (participant: ParticipantView) => (
      <TileMenu participant={participant} pinned={pinnedId === participant.id} onPin={onPin} />
    ),
    [pinnedId, onPin],
  )
  const upright = useMedia('(orientation: portrait)') && phone
  const common = { phone, pinnedId, onPin, actions }
  switch (view.kind) {
    case 'gallery':
      return <Gallery {...common} notices={notices} />
    case 'speaker':
      return (
        <>
          <SpeakerView {...common} mainId={view.mainId} onOthers={onOthers} />
          {notices}
        </>
      )
    case 'board':
      return (
        <>
          <BoardView
            {...common}
            boardId={view.boardId}
            onBoard={onBoard}
            onClose={onCloseBoard}
            onOthers={onOthers}
          />
          {notices}
        </>
      )
    case 'presentation':
      return (
        <>
          <Presentation
            {...common}
            shareId={view.shareId}
            onShare={onShare}
            onOthers={onOthers}
            notices={upright ? notices : null}
          />
          {!upright && notices}
        </>
      )
  }
}
