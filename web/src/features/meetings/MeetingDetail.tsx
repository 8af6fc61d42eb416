import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { Meeting } from '@/core/api/types'
import { Avatar } from '@/ui/Avatar'
import { IconButton } from '@/ui/Button'
import { copyWithToast } from '@/ui/copyWithToast'
import { byName, exactTime } from '@/ui/format'
import { Icon } from '@/ui/Icon'
import { Empty, Loaded } from '@/ui/states'
import { useNow } from '@/ui/Time'
import { usePageTitle } from '@/ui/usePage'
import { AttendanceTable } from './AttendanceTable'
import { MeetingActs } from './MeetingActs'
import { QualityLink } from './QualityLink'
import { meetingQuery } from './queries'
import { StreamTokens } from './StreamTokens'
import { lengthOf, span, startOf, zoneWords } from './times'
import { useRecurrenceWords } from './useRecurrenceWords'
import { useRunningWords } from './useRunningWords'

interface MeetingDetailProps {
  id: string
  /** Draws the conversation of the meeting; another feature's part, handed in by the page. */
  chat: (meeting: Meeting) => ReactNode
  /** Draws the boards that were open in it. */
  boards: (meeting: Meeting) => ReactNode
}

/** One meeting: when, who, how to come in, and what remains of it. */
export function MeetingDetail({ id, chat, boards }: MeetingDetailProps) {
  const { t } = useTranslation('meetings')
  const chatHeading = useId()
  const meeting = useQuery(meetingQuery(id))
  return (
    <Loaded query={meeting} failed={t('detail.failed')} gone={<Gone />}>
      {(data) => (
        <div className="md">
          <Document meeting={data} boards={boards(data)} />
          <section className="md-side" aria-labelledby={chatHeading}>
            <h2 id={chatHeading}>{t('detail.chat')}</h2>
            {chat(data)}
          </section>
        </div>
      )}
    </Loaded>
  )
}

function Gone() {
  const { t } = useTranslation('meetings')
  return (
    <Empty
      icon="cal"
      heading="h1"
      title={t('detail.gone')}
      actions={
        <Link className="btn primary" to="/meetings">
          {t('detail.toList')}
        </Link>
      }
    >
      {t('detail.goneDetail')}
    </Empty>
  )
}

function Document({ meeting, boards }: { meeting: Meeting; boards: ReactNode }) {
  const { t } = useTranslation(['meetings', 'common'])
  usePageTitle(meeting.title)
  return (
    <article className="md-doc">
      <div className="md-in">
        <Link className="ib md-back" to="/meetings" aria-label={t('common:action.back')}>
          <Icon name="left" />
        </Link>
        <Tags meeting={meeting} />
        <h1 className="title" data-page-heading tabIndex={-1}>
          {meeting.title}
        </h1>
        <p className="by">{t('detail.by', { name: meeting.host.name })}</p>
        <MeetingActs meeting={meeting} />
        <Facts meeting={meeting} />
        {boards}
        {meeting.startedAt && <AttendanceTable meeting={meeting} />}
        {meeting.startedAt && <QualityLink meeting={meeting} />}
        {meeting.canEdit && !meeting.cancelled && <StreamTokens meeting={meeting} />}
        <Invitees meeting={meeting} />
      </div>
    </article>
  )
}

function Tags({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation('meetings')
  const runningWords = useRunningWords()
  const now = useNow(60_000)
  const due = meeting.status === 'scheduled' && startOf(meeting, false) <= now
  return (
    <div className="tags">
      {meeting.cancelled ? (
        <span className="tag bad">
          <Icon name="x" size={14} />
          {t('status.cancelled')}
        </span>
      ) : meeting.status === 'running' ? (
        <span className="tag ok">
          <Icon name="cam" size={14} />
          {runningWords(meeting.participantCount)}
        </span>
      ) : (
        <span className="tag">{due ? t('status.due') : t(`status.${meeting.status}`)}</span>
      )}
      {meeting.rrule && (
        <span className="tag">
          <Icon name="refresh" size={14} />
          {t('detail.recurring')}
        </span>
      )}
      {meeting.lobby && (
        <span className="tag">
          <Icon name="lock" size={14} />
          {t('detail.lobby')}
        </span>
      )}
    </div>
  )
}

function Facts({ meeting }: { meeting: Meeting }) {
  const { t, i18n } = useTranslation('meetings')
  const ruleWords = useRecurrenceWords()
  const now = useNow(60_000)
  const past = meeting.status === 'ended'
  const start = startOf(meeting, past && meeting.startedAt !== null)
  return (
    <dl className="facts">
      <div>
        <dt>{t('field.when')}</dt>
        <dd className="num" title={exactTime(start, i18n.language)}>
          {span(start, lengthOf(meeting, past), now, i18n.language)}
          <small>{zoneWords(i18n.language, start)}</small>
        </dd>
      </div>
      <div>
        <dt>{t('field.repeat')}</dt>
        <dd>{ruleWords(meeting.rrule, new Date(meeting.startsAt), meeting.timezone)}</dd>
      </div>
      <div>
        <dt>{t('rules.mayCome')}</dt>
        <dd>{meeting.guestsAllowed ? t('rules.withGuests') : t('rules.membersOnly')}</dd>
      </div>
      <div>
        <dt>{t('rules.share')}</dt>
        <dd>
          {meeting.whoMayShare === 'everyone' ? t('rules.everyone') : t('rules.hosts')}
          <small>{meeting.whoMayDraw === 'everyone' ? t('rules.everyoneDraws') : t('rules.hostsDraw')}</small>
        </dd>
      </div>
      <div className="wide">
        <dt>{t('detail.link')}</dt>
        <dd className="facts-link">
          <span className="grow">{meeting.url}</span>
          <IconButton
            icon="copy"
            label={t('detail.copyLink')}
            onClick={() => void copyWithToast(meeting.url, t('detail.linkCopied'))}
          />
        </dd>
      </div>
    </dl>
  )
}

function Invitees({ meeting }: { meeting: Meeting }) {
  const { t, i18n } = useTranslation('meetings')
  const people = byName(meeting.invitees, i18n.language)
  return (
    <section>
      <h2>
        {t('field.invitees')} <span className="num">{people.length + 1}</span>
      </h2>
      <ul className="who">
        <li>
          <Avatar name={meeting.host.name} id={meeting.host.id} url={meeting.host.avatarUrl} />
          <span className="grow">
            <span className="ellipsis">{meeting.host.name}</span>
            <small>{t('detail.host')}</small>
          </span>
        </li>
        {people.map((person) => (
          <li key={person.id}>
            <Avatar name={person.name} id={person.id} url={person.avatarUrl} />
            <span className="grow">
              <span className="ellipsis">{person.name}</span>
              {person.coHost && <small>{t('detail.coHost')}</small>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
