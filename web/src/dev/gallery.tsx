import { StrictMode, useMemo, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { ChatPanel } from '@/features/chat/ChatPanel'
import { PeoplePanel } from '@/features/people/PeoplePanel'
import { type PanelName, StagePage } from '@/features/stage/StagePage'
import { isLocale, startI18n } from '@/i18n'
import { Toasts } from '@/ui/Toast'
import { useStore } from '@/ui/useStore'
import { FixtureChat } from './chatFixture'
import { FixtureCall, FixtureDevices, fixtureLocal, fixtureSnapshot, type SceneOptions } from './fixtures'
import '@/ui/tokens.css'
import '@/ui/base.css'

const reader = { userId: 'u0', moderates: true }
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
  const options = optionsOf(locale === 'zh-CN')
  const root = document.getElementById('root')
  if (!root) throw new Error('the page has no #root')
  const call = new FixtureCall(fixtureSnapshot(options))
  const devices = new FixtureDevices(fixtureLocal(options))
  createRoot(root).render(
    <StrictMode>
      <Scene call={call} devices={devices} zh={options.zh} />
      <Toasts />
    </StrictMode>,
  )
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
      meetingUrl={location.href}
      unread={3}
      openPanel={(query.get('panel') ?? undefined) as PanelName | undefined}
      people={(panel) => <PeoplePanel call={call} meetingUrl={location.href} {...panel} />}
      chat={(panel) => <ChatPanel chat={chat} me={reader} people={mentionable} onClose={panel.onClose} />}
    />
  )
}

void start()
