import { useQuery } from '@tanstack/react-query'
import { Link, useCanGoBack, useRouter } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { CallQuality } from '@/core/api/types'
import { clock, dayAndClock, duration, listNames } from '@/ui/format'
import { Icon } from '@/ui/Icon'
import { Empty, Loaded } from '@/ui/states'
import { useNow } from '@/ui/Time'
import { usePageTitle } from '@/ui/usePage'
import { PersonQuality } from './PersonQuality'
import { qualityQuery } from './queries'
import { bySide, type Frame, frameOf, worstFirst } from './report'
import './quality.css'

/** What the page shows; the address keeps it. */
export interface QualityChoice {
  session?: string | undefined
  trouble?: boolean | undefined
}

interface QualityPageProps {
  meetingId: string
  choice: QualityChoice
  onChoose: (choice: QualityChoice) => void
}

/** Who had trouble with the connection in a meeting, when, and on which side; for its hosts and for admins. */
export function QualityPage({ meetingId, choice, onChoose }: QualityPageProps) {
  const { t } = useTranslation('quality')
  const report = useQuery(qualityQuery(meetingId, choice.session))
  usePageTitle(t('title'))
  return (
    <div className="ql">
      <div className="ql-in">
        <header className="ql-head">
          <Back meetingId={meetingId} />
          <h1 data-page-heading tabIndex={-1}>
            {t('title')}
          </h1>
        </header>
        <Loaded query={report} failed={t('failed')} gone={<Gone />}>
          {(data) => <Report report={data} choice={choice} onChoose={onChoose} />}
        </Loaded>
      </div>
    </div>
  )
}

/** To where one came from: the meeting, or the list of admins, who may not be able to open the meeting. */
function Back({ meetingId }: { meetingId: string }) {
  const { t } = useTranslation()
  const router = useRouter()
  const canGoBack = useCanGoBack()
  return (
    <Link
      className="ib"
      to="/meetings/$meetingId"
      params={{ meetingId }}
      aria-label={t('action.back')}
      onClick={(event) => {
        if (!canGoBack) return
        event.preventDefault()
        router.history.back()
      }}
    >
      <Icon name="arrow-left" />
    </Link>
  )
}

function Gone() {
  const { t } = useTranslation('quality')
  return (
    <Empty
      icon="lock"
      title={t('gone')}
      actions={
        <Link className="btn primary" to="/meetings">
          {t('toMeetings')}
        </Link>
      }
    >
      {t('goneDetail')}
    </Empty>
  )
}

interface ReportProps {
  report: CallQuality
  choice: QualityChoice
  onChoose: (choice: QualityChoice) => void
}

function Report({ report, choice, onChoose }: ReportProps) {
  const { t } = useTranslation('quality')
  if (!report.startedAt) {
    return (
      <Empty icon="signal" title={t('never')}>
        {t('neverDetail')}
      </Empty>
    )
  }
  const troubled = report.people.filter((person) => person.spans.length > 0)
  const shown = worstFirst(choice.trouble ? troubled : report.people)
  const frame = frameOf(report)
  const query = `sessionId=${report.sessionId}`
  const files = `/api/v1/meetings/${report.meetingId}/quality`
  return (
    <>
      <p className="ql-title">{report.title}</p>
      <Facts report={report} frame={frame} />
      <div className="ql-bar">
        <Runs report={report} choice={choice} onChoose={onChoose} />
        <label className="ql-only">
          <input
            type="checkbox"
            checked={choice.trouble === true}
            onChange={(event) => onChoose({ ...choice, trouble: event.target.checked || undefined })}
          />
          {t('only')}
        </label>
        <a className="btn line" href={`${files}.csv?${query}`} download>
          <Icon name="download" size={16} />
          {t('download')}
        </a>
      </div>
      {shown.length === 0 ? (
        <Empty icon="check" title={t('none')}>
          {t('noneDetail')}
        </Empty>
      ) : (
        <>
          <Axis frame={frame} live={report.endedAt === null} />
          <ul className="ql-people">
            {shown.map((person) => (
              <PersonQuality
                key={person.key}
                person={person}
                frame={frame}
                fileOf={(id) => `${files}/tracks.csv?${query}&participantId=${id}`}
              />
            ))}
          </ul>
        </>
      )}
    </>
  )
}

/** The whole in one sentence, which is read out again when it changes. */
function Facts({ report, frame }: { report: CallQuality; frame: Frame }) {
  const { t, i18n } = useTranslation('quality')
  const now = useNow()
  const people = report.people.filter((one) => !one.program)
  const troubled = people.filter((person) => person.spans.length > 0)
  const where = bySide(troubled).map(({ side, count }) => t(`count.${side}`, { count }))
  const all = t('people', { count: people.length })
  return (
    <div className="ql-facts">
      <p>
        {dayAndClock(new Date(frame.from), now, i18n.language)} ·{' '}
        {duration(frame.to - frame.from, i18n.language)}
        {report.endedAt === null && (
          <span className="tag ok">
            <Icon name="cam" size={14} />
            {t('live')}
          </span>
        )}
      </p>
      <p role="status">
        {troubled.length === 0
          ? t('summaryNone', { people: all })
          : t('summary', { count: troubled.length, people: all, where: listNames(where, i18n.language) })}
      </p>
    </div>
  )
}

function Runs({ report, choice, onChoose }: ReportProps) {
  const { t, i18n } = useTranslation('quality')
  const now = useNow()
  if (report.runs.length < 2) return null
  return (
    <label className="ql-runs">
      <span className="sr">{t('run')}</span>
      <select
        className="input"
        value={choice.session ?? report.sessionId}
        onChange={(event) => onChoose({ ...choice, session: event.target.value })}
      >
        {report.runs.map((run) => (
          <option key={run.sessionId} value={run.sessionId}>
            {dayAndClock(new Date(run.startedAt), now, i18n.language)}
          </option>
        ))}
      </select>
    </label>
  )
}

function Axis({ frame, live }: { frame: Frame; live: boolean }) {
  const { t, i18n } = useTranslation('quality')
  const middle = new Date((frame.from + frame.to) / 2)
  return (
    <div className="ql-axis num" aria-hidden="true">
      <span>{clock(new Date(frame.from), i18n.language)}</span>
      {frame.to - frame.from > 2 * 60_000 && <span>{clock(middle, i18n.language)}</span>}
      <span>{live ? t('now') : clock(new Date(frame.to), i18n.language)}</span>
    </div>
  )
}
