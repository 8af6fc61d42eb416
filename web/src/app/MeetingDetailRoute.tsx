import { useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import type { Meeting } from '@/core/api/types'
import { MeetingDetail } from '@/features/meetings/MeetingDetail'
import { withTexts } from '@/i18n/lazy'
import { Skeleton } from '@/ui/states'

const MeetingChat = lazy(async () => ({ default: (await import('./meeting/MeetingChat')).MeetingChat }))
const MeetingBoards = lazy(async () => ({
  default: (await withTexts(import('@/features/boards/MeetingBoards'), 'boards')).MeetingBoards,
}))

export function MeetingDetailRoute() {
  const { meetingId } = useParams({ from: '/app/meetings/$meetingId' })
  return <MeetingDetail key={meetingId} id={meetingId} chat={chatOf} boards={boardsOf} />
}

function chatOf(meeting: Meeting) {
  return (
    <Suspense fallback={<Skeleton />}>
      <MeetingChat
        conversationId={meeting.conversationId}
        moderates={meeting.canEdit}
        people={[meeting.host, ...meeting.invitees]}
      />
    </Suspense>
  )
}

function boardsOf(meeting: Meeting) {
  return (
    meeting.startedAt && (
      <Suspense fallback={null}>
        <MeetingBoards meetingId={meeting.id} />
      </Suspense>
    )
  )
}
