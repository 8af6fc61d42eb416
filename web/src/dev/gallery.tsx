import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, useMemo, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { ChatPanel } from '@/features/chat/ChatPanel'
import { LeavePage } from '@/features/leave/LeavePage'
import { PeoplePanel } from '@/features/people/PeoplePanel'
import { PreJoinPage } from '@/features/prejoin/PreJoinPage'
import { previewQuery } from '@/features/prejoin/preview'
import { type PanelName, StagePage } from '@/features/stage/StagePage'
import type { StageBoards } from '@/features/stage/stageCall'
import { isLocale, startI18n } from '@/i18n'
import { addTexts } from '@/i18n/lazy'
import { Toasts } from '@/ui/Toast'
import { useStore } from '@/ui/useStore'
import { FixtureChat } from './chatFixture'
import {
  FixtureCall,
  FixtureDevices,
  fixtureLocal,
  fixturePreview,
  fixtureSnapshot,
  type SceneOptions,
} from './fixtures'
import '@/ui/tokens.css'
import '@/ui/base.css'

const query = new URLSearchParams(location.search)

function number(name: string, otherwise: number): number {
  return Number(query.get(name) ?? otherwise)
}

function optionsOf(zh: boolean): SceneOptions {
  return {
    people: number('people', 9),
    zh,
    host: !query.has('member'),
    shares: number('shares', 0),
    ownShare: query.has('ownShare'),
    boards: number('boards', 0),
    lobby: number('lobby', 0),
    hands: number('hands', 0),
    muted: query.has('muted'),
    weak: query.has('weak'),
    locked: query.has('locked'),
    reconnecting: query.has('reconnecting'),
    notices: (query.get('notices')?.split(',').filter(Boolean) ?? []) as SceneOptions['notices'],
    audioBlocked: query.has('audioBlocked'),
  }
}

async function start(): Promise<void> {
  const wanted = query.get('lang')
  const locale = isLocale(wanted) ? wanted : 'en'
  await startI18n(locale)
  await addTexts('boards')
  const options = optionsOf(locale === 'zh-CN')
  const root = document.getElementById('root')
  if (!root) throw new Error('the page has no #root')
  const call = new FixtureCall(fixtureSnapshot(options))
  const devices = new FixtureDevices(fixtureLocal(options))
  const local = fixtureLocal(options)
  const failed = query.get('failed')
  const why = { state: 'failed', why: failed } as never
  if (failed)
    devices.update((now) => ({
      ...now,
      microphone: why,
      camera: query.has('micOnly') ? local.camera : why,
      cameraStream: null,
    }))
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>{scene(call, devices, options)}</QueryClientProvider>
      <Toasts />
    </StrictMode>,
  )
}

const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })

function scene(call: FixtureCall, devices: FixtureDevices, options: SceneOptions) {
  switch (query.get('scene')) {
    case 'prejoin':
      return <PreJoinScene devices={devices} zh={options.zh} />
    case 'leave':
      return <LeaveScene zh={options.zh} />
    default:
      return <Scene call={call} devices={devices} zh={options.zh} />
  }
}

function PreJoinScene({ devices, zh }: { devices: FixtureDevices; zh: boolean }) {
  const guest = query.has('guest')
  const [preview] = useState(() => fixturePreview(zh, guest))
  client.setQueryData(previewQuery('abc-defg-hij').queryKey, {
    ...preview,
    ...JSON.parse(query.get('preview') ?? '{}'),
  })
  return (
    <PreJoinPage
      code="abc-defg-hij"
      media={devices}
      user={guest ? null : { id: 'u0', name: zh ? '王思远' : 'Maya Chen' }}
      phase={(query.get('phase') ?? 'ready') as 'ready'}
      problem={query.has('problem') ? { code: 'meetingLocked' } : null}
      onJoin={nothing}
      onCancel={nothing}
      onHome={nothing}
      signInHref="/login"
    />
  )
}

function LeaveScene({ zh }: { zh: boolean }) {
  const reason = (query.get('reason') ?? 'left') as 'left'
  return (
    <LeavePage
      end={{ phase: 'ended', reason, joinedMs: 2_520_000 }}
      title={zh ? '月度运营会' : 'Weekly product review'}
      member={!query.has('guest')}
      chatHref={query.has('guest') ? undefined : '#chat'}
      attendanceHref={query.has('guest') ? undefined : '#attendance'}
      boards={
        query.has('guest') ? [] : [{ href: '#board', title: zh ? '报销流程梳理' : 'Expense approval flow' }]
      }
      onRejoin={nothing}
      onHome={nothing}
    />
  )
}

/** The editor needs a server; a sheet stands in its place. */
const fixtureBoardParts: StageBoards = {
  editor: ({ title }) => <div style={{ display: 'grid', placeItems: 'center', height: '100%' }}>{title}</div>,
  picker: null,
}

function nothing(): void {
  return
}

function Scene({ call, devices, zh }: { call: FixtureCall; devices: FixtureDevices; zh: boolean }) {
  const [chat] = useState(
    () =>
      new FixtureChat({
        zh,
        empty: query.has('empty'),
        offline: query.has('offline'),
        unread: query.has('unread'),
        closed: query.has('closed'),
      }),
  )
  const people = useStore(call, (snapshot) => snapshot.participants)
  const mentionable = useMemo(
    () => people.flatMap((one) => (one.userId ? [{ userId: one.userId, name: one.name }] : [])),
    [people],
  )
  return (
    <StagePage
      call={call}
      devices={devices}
      boards={fixtureBoardParts}
      meetingUrl={location.href}
      unread={3}
      openPanel={(query.get('panel') ?? undefined) as PanelName | undefined}
      people={(panel) => <PeoplePanel call={call} meetingUrl={location.href} {...panel} />}
      chat={(panel) => <ChatPanel chat={chat} moderates people={mentionable} onClose={panel.onClose} />}
    />
  )
}

void start()
