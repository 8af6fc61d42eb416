import { useQuery } from '@tanstack/react-query'
import { Outlet, useParams, useSearch } from '@tanstack/react-router'
import { meQuery } from '@/core/api/queries'
import { MeetingsPage } from '@/features/meetings/MeetingsPage'
import { MeetingsStart } from '@/features/meetings/MeetingsStart'

export function MeetingsRoute() {
  const { view = 'coming' } = useSearch({ from: '/app/meetings' })
  const { meetingId } = useParams({ strict: false })
  return (
    <MeetingsPage view={view} openId={meetingId}>
      <Outlet />
    </MeetingsPage>
  )
}

export function MeetingsStartRoute() {
  const me = useQuery(meQuery)
  return <MeetingsStart name={me.data?.user.name ?? ''} />
}
