import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Account } from './company'
import { overflow, seriousProblems } from './look'
import { artifacts } from './paths'
import type { Server } from './server'

const sizes = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
} as const
export type Size = keyof typeof sizes
export type Locale = 'en' | 'zh-CN'
export type Theme = 'light' | 'dark'

/** Both languages and both sizes in light, and dark once for each size. */
export const looks: [size: Size, locale: Locale, theme: Theme][] = [
  ['desktop', 'en', 'light'],
  ['desktop', 'zh-CN', 'light'],
  ['desktop', 'zh-CN', 'dark'],
  ['phone', 'en', 'light'],
  ['phone', 'zh-CN', 'light'],
  ['phone', 'en', 'dark'],
]

/** A browser of somebody who is signed in, or of a visitor. */
export async function visitor(
  browser: Browser,
  server: Server,
  size: Size = 'desktop',
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

/** Opens the page and what `prepare` opens there, keeps its picture, and holds that axe finds nothing serious and nothing failed. */
export async function shoot(
  context: BrowserContext,
  url: string,
  name: string,
  prepare: (page: Page) => Promise<void> = async () => {},
  except?: string,
): Promise<void> {
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
  await prepare(page)
  await page.waitForTimeout(400)
  await page.screenshot({ path: `${artifacts}/${name}.png` })
  expect(await seriousProblems(page, except), name).toEqual([])
  expect(await overflow(page), `${name} scrolls sideways`).toBe(0)
  expect(errors, name).toEqual([])
  await page.close()
}
