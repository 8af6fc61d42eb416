import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { may, meQuery } from '@/core/api/queries'
import type { Meeting } from '@/core/api/types'
import { Icon } from '@/ui/Icon'

/** The way to how everybody was connected, for those who may see it. */
export function QualityLink({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation('meetings')
  const { data: me } = useQuery(meQuery)
  if (!meeting.canReview && !may(me, 'meetings.review')) return null
  return (
    <section>
      <h2>
        {t('quality.title')}
        <Link className="btn text" to="/meetings/$meetingId/quality" params={{ meetingId: meeting.id }}>
          <Icon name="signal" size={16} />
          {t('quality.open')}
        </Link>
      </h2>
    </section>
  )
}
