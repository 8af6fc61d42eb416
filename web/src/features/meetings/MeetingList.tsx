import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MeetingSummary } from '@/core/api/types'
import { Button } from '@/ui/Button'
import { clock, duration, exactTime } from '@/ui/format'
import { Icon } from '@/ui/Icon'
import { Empty, Loaded } from '@/ui/states'
import { useNow } from '@/ui/Time'
import { meetingsQuery } from './queries'
import { ScheduleLazy } from './ScheduleLazy'
import { byDay, lengthOf, startOf } from './times'
import { useRunningWords } from './useRunningWords'

interface ListProps {
  openId: string | undefined
}

/** Meetings that people are in now stand above everything else. */
export function RunningMeetings({ openId }: ListProps) {
  const { t } = useTranslation('meetings')
  const runningWords = useRunningWords()
  const running = useInfiniteQuery({ ...meetingsQuery('running'), refetchInterval: 60_000 })
  const meetings = running.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <ul aria-label={t('view.running')}>
      {meetings.map((meeting) => (
        <li className="live-card" key={meeting.id} data-open={meeting.id === openId}>
          <Icon name="cam" />
          <Link
            to="/meetings/$meetingId"
            params={{ meetingId: meeting.id }}
            aria-current={meeting.id === openId || undefined}
          >
            <b className="ellipsis">{meeting.title}</b>
            <small>{runningWords(meeting.participantCount)}</small>
          </Link>
          <Link
            className="btn live"
            to="/m/$code"
            params={{ code: meeting.code }}
            aria-label={t('joinNamed', { title: meeting.title })}
          >
            {t('join')}
          </Link>
        </li>
      ))}
    </ul>
  )
}

export function ComingOrPast({ view, openId }: ListProps & { view: 'coming' | 'past' }) {
  const { t, i18n } = useTranslation(['meetings', 'common'])
  const now = useNow(60_000)
  const list = useInfiniteQuery(meetingsQuery(view))
  const past = view === 'past'
  return (
    <Loaded query={list} failed={t('failed')} rows={5}>
      {({ pages }) => {
        const meetings = pages.flatMap(({ items }) => items)
        if (meetings.length === 0) return <Nothing past={past} />
        return (
          <>
            {byDay(meetings, past, now, i18n.language).map((day) => (
              <section key={day.name} aria-label={day.name}>
                <h2 className="mt-day">{day.name}</h2>
                <ul>
                  {day.meetings.map((meeting) => (
                    <li key={meeting.id}>
                      <Row meeting={meeting} past={past} open={meeting.id === openId} />
                    </li>
                  ))}
                </ul>
              </section>
            ))}
            {list.hasNextPage && (
              <div className="mt-more">
                <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                  {t('common:action.loadMore')}
                </Button>
              </div>
            )}
          </>
        )
      }}
    </Loaded>
  )
}

function Row({ meeting, past, open }: { meeting: MeetingSummary; past: boolean; open: boolean }) {
  const { t, i18n } = useTranslation(['meetings', 'common'])
  const start = startOf(meeting, past)
  const people = past ? meeting.participantCount : meeting.inviteeCount + 1
  return (
    <Link
      className="mt-row"
      to="/meetings/$meetingId"
      params={{ meetingId: meeting.id }}
      search={past ? { view: 'past' } : {}}
      aria-current={open || undefined}
      activeProps={{}}
    >
      <span className="when num" title={exactTime(start, i18n.language)}>
        <b>{clock(start, i18n.language)}</b>
        <small>{duration(lengthOf(meeting, past), i18n.language)}</small>
      </span>
      <span className="what">
        <b className={meeting.cancelled ? 'gone ellipsis' : 'ellipsis'}>{meeting.title}</b>
        <span className="meta">
          {meeting.rrule && <Icon name="refresh" size={14} />}
          <span className="ellipsis">
            {meeting.mine ? t('mine') : meeting.host.name} · {t('common:count.people', { count: people })}
          </span>
        </span>
      </span>
      {meeting.cancelled && <span className="tag">{t('status.cancelled')}</span>}
    </Link>
  )
}

function Nothing({ past }: { past: boolean }) {
  const { t } = useTranslation('meetings')
  const [scheduling, setScheduling] = useState(false)
  if (past) {
    return (
      <Empty icon="history" title={t('empty.past')}>
        {t('empty.pastDetail')}
      </Empty>
    )
  }
  return (
    <Empty
      icon="cal"
      title={t('empty.coming')}
      actions={
        <Button icon="plus" onClick={() => setScheduling(true)}>
          {t('schedule.open')}
        </Button>
      }
    >
      {t('empty.comingDetail')}
      {scheduling && <ScheduleLazy onClose={() => setScheduling(false)} />}
    </Empty>
  )
}
