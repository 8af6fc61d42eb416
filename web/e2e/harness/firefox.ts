import type { ElementHandle, Page } from 'puppeteer-core'
import { launchFirefox } from './browsers'
import type { Account } from './company'
import { keepConnections } from './connections'
import { patienceMs } from './patience'
import { type Code, installProbe } from './probe'

/** Somebody with Firefox, whose fake microphone sounds at 1 kHz and whose fake camera is one colour that changes slowly. */
export const firefoxToneHz = 1000

/** A Firefox of one's own with a page in it. */
export class FirefoxPerson {
  private constructor(
    readonly page: Page,
    private readonly url: string,
    readonly close: () => Promise<void>,
  ) {}

  static async open({ url, account }: { url: string; account: Account }): Promise<FirefoxPerson> {
    const host = new URL(url).hostname
    const { browser, close } = await launchFirefox({ 'dom.securecontext.allowlist': host })
    const page = await browser.newPage()
    page.setDefaultTimeout(patienceMs)
    await page.evaluateOnNewDocument(keepConnections)
    await page.evaluateOnNewDocument(installProbe)
    await browser.setCookie({ ...account.cookie(url), domain: host, path: '/' })
    return new FirefoxPerson(page, url, close)
  }

  /** Goes from the link to the stage. */
  async join(code: string): Promise<void> {
    await this.page.goto(`${this.url}/m/${code}`)
    const submit = await this.page.waitForSelector('form button[type=submit]:enabled')
    await submit?.click()
    await this.button(/^Leave/)
  }

  /** Presses the button or menu item with this name. */
  async press(name: RegExp): Promise<void> {
    await (await this.button(name)).click()
  }

  /** Waits for a button or menu item with this name. */
  private async button(name: RegExp): Promise<ElementHandle<Element>> {
    const handle = await this.page.waitForFunction(
      (source) => {
        const wanted = new RegExp(source)
        const all = document.querySelectorAll<HTMLButtonElement>('button:enabled, [role=menuitem]')
        return [...all].find((b) => wanted.test(b.getAttribute('aria-label') ?? b.textContent?.trim() ?? ''))
      },
      {},
      name.source,
    )
    return handle as ElementHandle<Element>
  }

  /** The code in the picture of a participant, null without a readable one. */
  code(name: string): Promise<Code | null> {
    return this.page.evaluate((wanted) => {
      const tiles = [...document.querySelectorAll('article[data-participant-id]')]
      const video = tiles.find((t) => t.textContent?.includes(wanted))?.querySelector('video')
      return video ? window.probe.code(video) : null
    }, name)
  }

  /** How many pixels wide the picture of a participant arrives, 0 without one. */
  width(name: string): Promise<number> {
    return this.page.evaluate((wanted) => {
      const tiles = [...document.querySelectorAll('article[data-participant-id]')]
      return tiles.find((t) => t.textContent?.includes(wanted))?.querySelector('video')?.videoWidth ?? 0
    }, name)
  }

  /** The strongest tones among the remote sounds that play. */
  tones(): Promise<number[]> {
    return this.page.evaluate(() => {
      const streams = [...document.querySelectorAll<HTMLAudioElement>('audio[data-participant-id]')]
        .map((element) => element.srcObject)
        .filter((stream) => stream instanceof MediaStream)
      return Promise.all(streams.map(async (stream) => (await window.probe.tone(stream, 1500)).hz))
    })
  }
}
