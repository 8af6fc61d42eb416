import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, IconButton } from '@/ui/Button'
import { Menu } from '@/ui/Menu'
import { useAct } from '@/ui/useAct'
import { usePageTitle } from '@/ui/usePage'
import { JoinByCode } from './JoinByCode'
import { ComingOrPast, RunningMeetings } from './MeetingList'
import { startMeeting } from './queries'
import { ScheduleLazy } from './ScheduleLazy'
import './meetings.css'

/** The router marks a link by itself only where nothing else is open; a tab stays marked beside an open meeting. */
const whole = { exact: true, includeSearch: true }

interface MeetingsPageProps {
  view: 'coming' | 'past'
  openId: string | undefined
  /** The meeting that is open, or the start of the page. */
  children: ReactNode
}

/** One's meetings in a list, beside the one that is open. On a phone one of the two. */
export function MeetingsPage({ view, openId, children }: MeetingsPageProps) {
  const { t } = useTranslation('meetings')
  usePageTitle(t('title'))
  return (
    <div className="mt" data-detail={openId !== undefined}>
      <section className="mt-list" aria-label={t('list')}>
        <Head />
        <JoinByCode />
        <RunningMeetings openId={openId} />
        <nav className="tabs" aria-label={t('views')}>
          <Link
            to="/meetings"
            search={{}}
            activeOptions={whole}
            aria-current={view === 'coming' ? 'page' : undefined}
          >
            {t('view.coming')}
          </Link>
          <Link
            to="/meetings"
            search={{ view: 'past' }}
            activeOptions={whole}
            aria-current={view === 'past' ? 'page' : undefined}
          >
            {t('view.past')}
          </Link>
        </nav>
        <div className="mt-scroll">
          <ComingOrPast key={view} view={view} openId={openId} />
        </div>
      </section>
      <div className="mt-pane">{children}</div>
    </div>
  )
}

function Head() {
  const { t } = useTranslation('meetings')
  const [scheduling, setScheduling] = useState(false)
  const start = useStartMeeting()
  return (
    <header className="mt-head">
      <h1 data-page-heading tabIndex={-1}>
        {t('title')}
      </h1>
      <IconButton icon="cal" label={t('schedule.open')} onClick={() => setScheduling(true)} />
      <Menu
        label={t('new.title')}
        align="end"
        entries={[
          { kind: 'item', key: 'now', label: t('new.now'), icon: 'cam', onSelect: start.run },
          {
            kind: 'item',
            key: 'later',
            label: t('new.later'),
            icon: 'cal',
            onSelect: () => setScheduling(true),
          },
        ]}
        button={({ onClick, ...props }) => (
          <Button look="soft" icon="plus" busy={start.busy} onClick={onClick} {...props}>
            {t('new.title')}
          </Button>
        )}
      />
      {scheduling && <ScheduleLazy onClose={() => setScheduling(false)} />}
    </header>
  )
}

/** Makes a meeting and goes into it. */
export function useStartMeeting() {
  const navigate = useNavigate()
  const [run, busy] = useAct(async () => {
    const { code } = await startMeeting()
    await navigate({ to: '/m/$code', params: { code } })
  })
  return { busy, run: () => void run() }
}
