import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { StagePage } from '@/features/stage/StagePage'
import { isLocale, startI18n } from '@/i18n'
import { FixtureCall, FixtureDevices, fixtureLocal, fixtureSnapshot, type SceneOptions } from './fixtures'
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
      <StagePage
        call={call}
        devices={devices}
        meetingUrl={location.href}
        unread={3}
        people={() => null}
        chat={() => null}
      />
    </StrictMode>,
  )
}

void start()
