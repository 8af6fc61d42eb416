import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchFirefox } from './harness/browsers'
import { Person } from './harness/call'
import { type Account, invite, type Meeting, makeCompany, startMeeting } from './harness/company'
import { toneHz } from './harness/media'
import { installProbe } from './harness/probe'
import { Server } from './harness/server'

// Firefox's fake microphone sounds at 1 kHz; its fake camera is one colour that changes slowly.
const firefoxTone = 1000

describe('Chromium and Firefox in one meeting', () => {
  let server: Server
  let meeting: Meeting
  let maya: Person
  let firefox: Awaited<ReturnType<typeof launchFirefox>>
  let page: Page

  beforeAll(async () => {
    server = await Server.start()
    const owner = await makeCompany(server)
    const kenji = await invite(server, owner, 'Kenji Mori', 'kenji')
    meeting = await startMeeting(owner)
    maya = await Person.open({ url: server.url, account: owner, identity: 1 })
    firefox = await launchFirefox()
    page = await openPage(kenji)
    await maya.join(meeting.code)
    await page.goto(`${server.url}/m/${meeting.code}`)
    await press(page, /^(Join|Start)(?! without)/)
  })

  async function openPage(account: Account): Promise<Page> {
    const opened = await firefox.browser.newPage()
    await opened.evaluateOnNewDocument(installProbe)
    await firefox.browser.setCookie({ ...account.cookie(server.url), domain: '127.0.0.1', path: '/' })
    return opened
  }

  afterAll(async () => {
    await maya?.close()
    await firefox?.close()
    await server?.close()
  })

  test('Firefox sees the picture of Chromium', async () => {
    await expect.poll(() => codeIn(page, 'Maya Chen'), { timeout: 20_000 }).toMatchObject({ id: 1 })
  })

  test('Firefox hears the tone of Chromium', async () => {
    await expect.poll(() => tonesIn(page), { timeout: 20_000 }).toContainEqual(near(toneHz(1)))
  })

  test('Chromium sees the picture of Firefox move', async () => {
    const frames = () =>
      maya
        .tile('Kenji Mori')
        .locator('video')
        .evaluate((v) => (v as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames)
        .catch(() => 0)
    await expect.poll(frames, { timeout: 20_000 }).toBeGreaterThan(0)
    const before = await frames()
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect((await frames()) - before).toBeGreaterThan(30)
  })

  test('Chromium hears the tone of Firefox', async () => {
    await expect
      .poll(async () => Object.values(await maya.tones()), { timeout: 20_000 })
      .toContainEqual(near(firefoxTone))
  })

  test('Firefox comes back after a reload', async () => {
    await page.reload()
    await expect.poll(() => codeIn(page, 'Maya Chen'), { timeout: 20_000 }).toMatchObject({ id: 1 })
  })
})

/** Matches a frequency within the resolution of the analyser. */
function near(hz: number) {
  return expect.toSatisfy((heard: number) => Math.abs(heard - hz) < 15, `near ${hz} Hz`)
}

/** Presses the first button whose name matches, when it is there. */
async function press(page: Page, name: RegExp): Promise<void> {
  await page.waitForFunction(
    (source) => {
      const wanted = new RegExp(source)
      const button = [...document.querySelectorAll('button')].find(
        (b) => wanted.test(b.getAttribute('aria-label') ?? b.textContent?.trim() ?? '') && !b.disabled,
      )
      button?.click()
      return button !== undefined
    },
    { timeout: 20_000 },
    name.source,
  )
}

function codeIn(page: Page, name: string) {
  return page.evaluate((wanted) => {
    const tiles = [...document.querySelectorAll('[data-participant-id]')]
    const video = tiles.find((t) => t.textContent?.includes(wanted))?.querySelector('video')
    return video ? window.probe.code(video) : null
  }, name)
}

function tonesIn(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const heard: number[] = []
    for (const element of document.querySelectorAll<HTMLAudioElement>('audio[data-participant-id]')) {
      if (!(element.srcObject instanceof MediaStream)) continue
      heard.push((await window.probe.tone(element.srcObject, 1500)).hz)
    }
    return heard
  })
}
