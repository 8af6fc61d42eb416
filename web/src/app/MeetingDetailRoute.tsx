import { useParams } from '@tanstack/react-router'
import { MeetingDetail } from '@/features/meetings/MeetingDetail'

export function MeetingDetailRoute() {
  const { meetingId } = useParams({ from: '/app/meetings/$meetingId' })
  return <MeetingDetail key={meetingId} id={meetingId} chat={() => null} />
}
