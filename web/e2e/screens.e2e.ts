import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from './harness/browsers'
import { type Account, makeCompany, password } from './harness/company'
import { overflow, seriousProblems } from './harness/look'
import { artifacts } from './harness/paths'
import { populate, type Sample } from './harness/sample'
import { Server } from './harness/server'

const sizes = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
} as const
type Locale = 'en' | 'zh-CN'
type Theme = 'light' | 'dark'

/** Both languages and both sizes in light, and dark once for each size. */
const looks: [size: keyof typeof sizes, locale: Locale, theme: Theme][] = [
  ['desktop', 'en', 'light'],
  ['desktop', 'zh-CN', 'light'],
  ['desktop', 'zh-CN', 'dark'],
  ['phone', 'en', 'light'],
  ['phone', 'zh-CN', 'light'],
  ['phone', 'en', 'dark'],
]

/** The pages of a signed-in administrator; each path may need what the sample company holds. */
const pages: Record<string, (sample: Sample) => string> = {
  meetings: () => '/meetings',
  meeting: (s) => `/meetings/${s.scheduled.id}`,
  'meeting-quality': (s) => `/meetings/${s.running.id}/quality`,
  directory: () => '/directory',
  'admin-people': () => '/admin/people',
  'admin-invitations': () => '/admin/invitations',
  'admin-departments': () => '/admin/departments',
  'admin-quality': () => '/admin/quality',
  'admin-company': () => '/admin/company',
  profile: () => '/profile',
  developer: () => '/developer',
  prejoin: (s) => `/m/${s.running.code}`,
  'not-found': () => '/no-such-page',
}

/** The pages of somebody who is not signed in. */
const publicPages: Record<string, (sample: Sample) => string> = {
  'sign-in': () => '/login',
  invite: (s) => new URL(s.invitationUrl).pathname,
  'prejoin-guest': (s) => `/m/${s.running.code}`,
}

describe('every page, in both languages, on a desktop and a phone, light and dark', () => {
  let server: Server
  let owner: Account
  let sample: Sample
  let browser: Browser

  beforeAll(async () => {
    server = await Server.start()
    browser = await launchChromium({ builtinCameras: 1 })
    await shoot(await visitor(), server.setupLink, 'setup-desktop-en-light')
    owner = await makeCompany(server, '王思远')
    sample = await populate(server, owner)
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  async function visitor(
    size: keyof typeof sizes = 'desktop',
    locale: Locale = 'en',
    theme: Theme = 'light',
    account?: Account,
  ): Promise<BrowserContext> {
    const context = await browser.newContext({
      viewport: sizes[size],
      locale: locale === 'en' ? 'en-US' : 'zh-CN',
      colorScheme: theme,
      reducedMotion: 'reduce',
      ...(size === 'phone' ? { isMobile: true, hasTouch: true, deviceScaleFactor: 2 } : {}),
    })
    if (account) await context.addCookies([account.cookie(server.url)])
    return context
  }

  for (const [size, locale, theme] of looks) {
    test(`${size}, ${locale}, ${theme}`, async () => {
      await owner.call('PATCH', '/me', { locale })
      for (const [set, account] of [
        [pages, owner],
        [publicPages, undefined],
      ] as const) {
        const context = await visitor(size, locale, theme, account)
        for (const [name, path] of Object.entries(set)) {
          await shoot(context, server.url + path(sample), `${name}-${size}-${locale}-${theme}`)
        }
        await context.close()
      }
    })
  }

  test('signing in with the keyboard', async () => {
    const page = await (await visitor()).newPage()
    await page.goto(`${server.url}/login`)
    await page
      .getByLabel(/user name|e-mail/i)
      .first()
      .fill('maya')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/meetings')
    await page.context().close()
  })
})

/** Opens the page, keeps its picture, and holds that axe finds nothing serious and nothing failed. */
async function shoot(context: BrowserContext, url: string, name: string): Promise<void> {
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy/.test(message.text()))
      errors.push(message.text())
  })
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url())
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') errors.push(`a call to ${hostname}`)
  })
  await page.goto(url, { waitUntil: 'networkidle' })
  await page.waitForTimeout(400)
  await page.screenshot({ path: `${artifacts}/${name}.png` })
  expect(await seriousProblems(page), name).toEqual([])
  expect(await overflow(page), `${name} scrolls sideways`).toBe(0)
  expect(errors, name).toEqual([])
  await page.close()
}
