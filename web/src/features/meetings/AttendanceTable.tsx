import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Attendance, Meeting } from '@/core/api/types'
import { Avatar } from '@/ui/Avatar'
import { duration } from '@/ui/format'
import { Icon } from '@/ui/Icon'
import { Failed, Skeleton } from '@/ui/states'
import { Time } from '@/ui/Time'
import { attendanceQuery } from './queries'

/** Who came, when, and for how long; it can be taken along as a table. */
export function AttendanceTable({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation('meetings')
  const attendance = useQuery(attendanceQuery(meeting.id))
  return (
    <section>
      <h2>
        {t('attendance.title')} {attendance.data && <span className="num">{attendance.data.length}</span>}
        <a className="btn text" href={`/api/v1/meetings/${meeting.id}/attendance.csv`} download>
          <Icon name="download" size={16} />
          {t('attendance.download')}
        </a>
      </h2>
      {attendance.data ? (
        <Rows items={attendance.data} />
      ) : attendance.error ? (
        <Failed
          title={t('attendance.failed')}
          error={attendance.error}
          onRetry={() => void attendance.refetch()}
        />
      ) : (
        <Skeleton rows={3} />
      )}
    </section>
  )
}

function Rows({ items }: { items: Attendance[] }) {
  const { t, i18n } = useTranslation('meetings')
  return (
    <div className="table-wrap">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('attendance.name')}</th>
            <th scope="col">{t('attendance.joined')}</th>
            <th scope="col">{t('attendance.stayed')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={`${item.participantId} ${item.joinedAt}`}>
              <td>
                <span className="person">
                  <Avatar name={item.name} id={item.userId ?? item.participantId} size={28} />
                  {item.name}
                  {item.program && <span className="tag">{t('attendance.program')}</span>}
                  {item.guest && <span className="tag">{t('attendance.guest')}</span>}
                </span>
              </td>
              <td>
                <Time at={item.joinedAt} style="day" />
              </td>
              <td className="num">
                {item.leftAt
                  ? duration(Date.parse(item.leftAt) - Date.parse(item.joinedAt), i18n.language)
                  : t('attendance.here')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
