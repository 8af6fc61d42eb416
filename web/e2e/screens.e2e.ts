import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { launchChromium } from './harness/browsers'
import { type Account, makeCompany, password } from './harness/company'
import { populate, type Sample } from './harness/sample'
import { looks, shoot, visitor } from './harness/screens'
import { Server } from './harness/server'

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
    await shoot(await visitor(browser, server), server.setupLink, 'setup-desktop-en-light')
    owner = await makeCompany(server, '王思远')
    sample = await populate(server, owner)
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  for (const [size, locale, theme] of looks) {
    test(`${size}, ${locale}, ${theme}`, async () => {
      await owner.call('PATCH', '/me', { locale })
      for (const [set, account] of [
        [pages, owner],
        [publicPages, undefined],
      ] as const) {
        const context = await visitor(browser, server, size, locale, theme, account)
        for (const [name, path] of Object.entries(set)) {
          await shoot(context, server.url + path(sample), `${name}-${size}-${locale}-${theme}`)
        }
        await context.close()
      }
    })
  }

  test('signing in with the keyboard', async () => {
    const page = await (await visitor(browser, server)).newPage()
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
