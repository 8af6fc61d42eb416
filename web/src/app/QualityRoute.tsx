import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type QualityChoice, QualityPage } from '@/features/quality/QualityPage'

const from = '/app/meetings/$meetingId/quality'

export function QualityRoute() {
  const { meetingId } = useParams({ from })
  const choice = useSearch({ from })
  const navigate = useNavigate()
  const choose = ({ session, trouble }: QualityChoice) =>
    void navigate({
      to: '/meetings/$meetingId/quality',
      params: { meetingId },
      search: { ...(session ? { session } : {}), ...(trouble ? { trouble } : {}) },
      replace: true,
    })
  return <QualityPage key={meetingId} meetingId={meetingId} choice={choice} onChoose={choose} />
}
