import { useParams } from '@tanstack/react-router'
import { MeetingPage } from './meeting/MeetingPage'

export function MeetingRoute() {
  const { code } = useParams({ from: '/m/$code' })
  return <MeetingPage key={code} code={code} />
}
