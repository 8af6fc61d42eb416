import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { meQuery } from '@/core/api/queries'
import { Call } from '@/core/meeting/call'
import { LocalMediaController } from '@/core/meeting/localMedia'
import { readResume } from '@/core/meeting/resumeToken'
import type { CallPhase } from '@/core/meeting/state'
import { LeavePage } from '@/features/leave/LeavePage'
import { PreJoinPage, type PreJoinPageProps } from '@/features/prejoin/PreJoinPage'
import { withTexts } from '@/i18n/lazy'
import { useStore } from '@/ui/useStore'
import { remainsOf } from './remains'
import { useRemainingBoards } from './useRemainingBoards'

const loadStage = () => withTexts(import('./StageRoom'), 'boards', 'board')
const StageRoom = lazy(async () => ({ default: (await loadStage()).StageRoom }))

type User = PreJoinPageProps['user']

/** A meeting's link, from the pre-join page over the stage to what remains; devices and call live as long as this page. */
export function MeetingPage({ code }: { code: string }) {
  const me = useQuery(meQuery)
  if (me.isPending) return null
  return <MeetingSession key={me.data?.user.id ?? 'visitor'} code={code} user={me.data?.user ?? null} />
}

function MeetingSession({ code, user }: { code: string; user: User }) {
  const { i18n } = useTranslation()
  const [media] = useState(() => new LocalMediaController())
  const [call, setCall] = useState<Call | null>(null)
  const [problem, setProblem] = useState<{ code: string } | null>(null)
  const locale = i18n.language

  const join = useCallback(
    (name: string) => {
      setProblem(null)
      const next = new Call({ code, locale, media, ...(name !== '' && { name }) })
      setCall(next)
      next.join()
    },
    [code, locale, media],
  )
  const returning = useReturn(code, media, join)
  useEffect(() => () => call?.dispose(), [call])
  useEffect(() => () => media.stop(), [media])
  useEffect(() => void loadStage(), [])

  if (!call) {
    if (returning) return <Dark />
    return (
      <Before
        code={code}
        media={media}
        user={user}
        phase="ready"
        problem={problem}
        onJoin={join}
        onCancel={noop}
      />
    )
  }
  return (
    <During
      call={call}
      code={code}
      media={media}
      user={user}
      onJoin={join}
      onBack={(next) => {
        setProblem(next)
        setCall(null)
      }}
    />
  )
}

/** The ground of the stage, while it is not there yet. */
function Dark() {
  return <div className="stage" style={{ height: '100dvh', background: 'var(--stage-bg)' }} />
}

function noop(): void {
  return
}

interface DuringProps {
  call: Call
  code: string
  media: LocalMediaController
  user: User
  onJoin: (name: string) => void
  /** Back to the pre-join page, with the reason where there is one. */
  onBack: (problem: { code: string } | null) => void
}

function During({ call, code, media, user, onJoin, onBack }: DuringProps) {
  const phase = useStore(call, (snapshot) => snapshot.call)
  const refused = useLatest(onBack)
  const problem = neverIn(phase)
  useEffect(() => {
    if (problem !== null) refused.current({ code: problem })
  }, [problem, refused])
  useEffect(() => {
    if (phase.phase === 'ended') media.stop()
  }, [phase.phase, media])

  switch (phase.phase) {
    case 'idle':
    case 'connecting':
      return (
        <Before
          code={code}
          media={media}
          user={user}
          phase="joining"
          problem={null}
          onJoin={onJoin}
          onCancel={noop}
        />
      )
    case 'waiting':
      return (
        <Before
          code={code}
          media={media}
          user={user}
          phase="waiting"
          problem={null}
          onJoin={onJoin}
          onCancel={() => call.leave()}
        />
      )
    case 'joined':
    case 'reconnecting':
      return (
        <Suspense
          fallback={<div className="stage" style={{ height: '100dvh', background: 'var(--stage-bg)' }} />}
        >
          <StageRoom call={call} media={media} code={code} />
        </Suspense>
      )
    case 'ended':
      return problem === null ? (
        <After call={call} end={phase} user={user} onRejoin={() => onBack(null)} />
      ) : null
  }
}

/** The code of a failure before one was in; anything later has a page of its own. */
function neverIn(phase: CallPhase): string | null {
  if (phase.phase !== 'ended' || phase.joinedMs > 0) return null
  if (phase.reason === 'error' || phase.reason === 'protocol') return phase.code ?? 'internal'
  return phase.reason === 'network' ? 'offline' : null
}

function Before(props: Omit<PreJoinPageProps, 'onHome' | 'signInHref'>) {
  const goHome = useGoHome()
  return (
    <PreJoinPage
      {...props}
      onHome={goHome}
      signInHref={`/login?next=${encodeURIComponent(`/m/${props.code}`)}`}
    />
  )
}

interface AfterProps {
  call: Call
  end: Extract<CallPhase, { phase: 'ended' }>
  user: User
  onRejoin: () => void
}

function After({ call, end, user, onRejoin }: AfterProps) {
  const goHome = useGoHome()
  const remains = useStore(call, remainsOf, sameRemains)
  const boards = useRemainingBoards(user && remains.meetingId)
  return (
    <LeavePage
      end={end}
      title={remains.title}
      member={user !== null}
      chatHref={user && remains.meetingId ? `/meetings/${remains.meetingId}` : undefined}
      boards={boards}
      attendanceHref={
        user && remains.hosted ? `/api/v1/meetings/${remains.meetingId}/attendance.csv` : undefined
      }
      onRejoin={onRejoin}
      onHome={goHome}
    />
  )
}

function sameRemains(a: ReturnType<typeof remainsOf>, b: ReturnType<typeof remainsOf>): boolean {
  return a.meetingId === b.meetingId && a.title === b.title && a.hosted === b.hosted
}

function useGoHome(): () => void {
  const navigate = useNavigate()
  return useCallback(() => void navigate({ href: '/' }), [navigate])
}

function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value)
  useEffect(() => {
    latest.current = value
  })
  return latest
}

/** After a reload one comes back at once, as the same participant with the same devices. */
function useReturn(code: string, media: LocalMediaController, join: (name: string) => void): boolean {
  const [record] = useState(() => readResume(code))
  const [returning, setReturning] = useState(record !== null)
  const latest = useLatest(join)
  useEffect(() => {
    if (!record) return
    let over = false
    const { microphone, camera, name } = record
    const go = () => {
      if (over) return
      setReturning(false)
      latest.current(name ?? '')
    }
    media.start({ microphone, camera }).then(go, go)
    return () => {
      over = true
    }
  }, [record, media, latest])
  return returning
}
