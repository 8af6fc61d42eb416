import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Person } from './harness/call'
import type { Account, Meeting } from './harness/company'
import { canEmulateLinks, Link } from './harness/link'
import { overflow, seriousProblems } from './harness/look'
import { type Met, meet } from './harness/meet'
import { artifacts } from './harness/paths'
import type { Server } from './harness/server'

interface Report {
  sessionId: string
  people: { name: string; spans: { side: string; reason: string; lossPercent?: number }[] }[]
}

describe.runIf(canEmulateLinks)('who has trouble with the connection', () => {
  let link: Link
  let met: Met<Person>
  let server: Server
  let owner: Account
  let meeting: Meeting
  let maya: Person
  let kenji: Person

  beforeAll(async () => {
    link = await Link.make()
    met = await meet({ server: { everywhere: true }, kenji: (server) => link.visitor(server) })
    ;({ server, owner, meeting, maya, kenji } = met)
  })

  afterAll(async () => {
    await met?.close()
    await link?.close()
  })

  const flag = () => maya.tile('Kenji Mori').locator('[data-quality]')
  const why = () =>
    flag()
      .getAttribute('aria-label', { timeout: 1_000 })
      .catch(() => null)

  test('others see bars with the reason, the person is told', async () => {
    await kenji.sees('Maya Chen', 1)
    await maya.sees('Kenji Mori', 2)
    await link.impair({ direction: 'up', loss: 25, burst: 1 })
    await expect.poll(why).toContain("Kenji Mori's network is losing packets")
    await expect.poll(() => flag().getAttribute('data-quality')).toBe('bad')
    await kenji.reads('Your network is losing what you send')
    await maya.page.screenshot({ path: `${artifacts}/quality-stage.png` })
    await kenji.page.screenshot({ path: `${artifacts}/quality-own.png` })
  })

  test('the host finds it while the meeting runs', async () => {
    await expect.poll(async () => losses(await report())).toEqual(['Kenji Mori'])
    await maya.page.getByRole('toolbar').getByRole('button', { name: 'More', exact: true }).click()
    const opened = maya.context.waitForEvent('page')
    await maya.choose('Who has trouble')
    const page = await opened
    const row = page.locator('[data-person="Kenji Mori"]')
    await row.getByText('Upload', { exact: true }).first().waitFor() // once for each stretch of trouble
    await row
      .getByText(/lost [\d.]+ ?% of the packets/)
      .first()
      .waitFor()
    await page.getByLabel('Only trouble').check()
    await row.waitFor()
    await page.waitForURL(/trouble=true/)
    await page.close()
  })

  test('it is over when the link is well again', async () => {
    await link.heal()
    await expect.poll(() => flag().count()).toBe(0)
  })

  test('what is lost on the way to somebody is on the other side', async () => {
    await link.impair({ direction: 'down', loss: 25, burst: 1 })
    await expect.poll(why).toContain('Data to Kenji Mori is being lost')
    await link.heal()
    await expect.poll(() => flag().count()).toBe(0)
  })

  test('an upload that is too thin says so', async () => {
    await link.impair({ direction: 'up', rate: 200, queue: 300 })
    await expect.poll(why).toContain("Kenji Mori's upload is weak")
    await link.impair({ direction: 'up', rate: 0 })
  })

  test('it is still there after the server was killed', async () => {
    await keptUntilNow()
    await server.end('SIGKILL')
    await server.run()
    expect(losses(await report(first))).toContain('Kenji Mori')
    const file = await fetch(`${server.url}/api/v1/meetings/${meeting.id}/quality.csv?sessionId=${first}`, {
      headers: { Cookie: `parley_session=${owner.session}` },
    })
    const rows = (await file.text()).split('\r\n')
    expect(rows[0]).toContain('participantId,userId,name,level,side,reason')
    expect(rows.some((row) => /,Kenji Mori,bad,uplink,uplinkLoss,/.test(row))).toBe(true)
  })

  test.each([
    ['desktop', 'en'],
    ['desktop', 'zh-CN'],
    ['phone', 'en'],
    ['phone', 'zh-CN'],
  ] as const)('the page, %s, %s', async (size, locale) => {
    await owner.call('PATCH', '/me', { locale })
    const context = await visitor(size, locale)
    for (const [name, path] of [
      ['quality', `/meetings/${meeting.id}/quality?session=${first}`],
      ['quality-runs', '/admin/quality'],
    ] as const) {
      const page = await context.newPage()
      await page.goto(server.url + path, { waitUntil: 'networkidle' })
      await page.getByRole('list').last().waitFor()
      await page.screenshot({ path: `${artifacts}/${name}-${size}-${locale}.png` })
      expect(await seriousProblems(page)).toEqual([])
      expect(await overflow(page)).toBe(0)
      await page.close()
    }
    await context.close()
  })

  test('nobody else may see what was, nor the meetings of others', async () => {
    await expect(kenjiReads(`/meetings/${meeting.id}/quality?sessionId=${first}`)).resolves.toBe(404)
    await expect(kenjiReads('/meeting-quality')).resolves.toBe(403)
  })

  /** The run in which the link was bad. */
  let first = ''

  /** Waits until the report has the last trouble, which the server keeps every few seconds. */
  async function keptUntilNow(): Promise<void> {
    await expect
      .poll(async () => (await report()).people.flatMap(({ spans }) => spans.map(({ reason }) => reason)))
      .toEqual(expect.arrayContaining(['uplinkLoss', 'downlinkLoss', 'uplinkBandwidth']))
  }

  async function report(session = ''): Promise<Report> {
    const query = session ? `?sessionId=${session}` : ''
    const answer = await owner.call<Report>('GET', `/meetings/${meeting.id}/quality${query}`)
    first ||= answer.sessionId
    return answer
  }

  async function kenjiReads(path: string): Promise<number> {
    const answer = await kenji.context.request.get(`http://${link.host}:${server.port}/api/v1${path}`)
    return answer.status()
  }

  async function visitor(size: 'desktop' | 'phone', locale: string): Promise<BrowserContext> {
    const context = await maya.browser.newContext({
      locale: locale === 'en' ? 'en-US' : 'zh-CN',
      viewport: size === 'phone' ? { width: 390, height: 844 } : { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      ...(size === 'phone' ? { isMobile: true, hasTouch: true, deviceScaleFactor: 2 } : {}),
    })
    await context.addCookies([owner.cookie(server.url)])
    return context
  }
})

/** Whose upload lost packets. */
function losses({ people }: Report): string[] {
  return people
    .filter((person) => person.spans.some(({ reason }) => reason === 'uplinkLoss'))
    .map(({ name }) => name)
}
