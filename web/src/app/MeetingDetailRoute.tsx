import { useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import type { Meeting } from '@/core/api/types'
import { MeetingDetail } from '@/features/meetings/MeetingDetail'
import { Skeleton } from '@/ui/states'

const MeetingChat = lazy(async () => ({ default: (await import('./meeting/MeetingChat')).MeetingChat }))

export function MeetingDetailRoute() {
  const { meetingId } = useParams({ from: '/app/meetings/$meetingId' })
  return <MeetingDetail key={meetingId} id={meetingId} chat={chatOf} />
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
