import type { Browser, BrowserContext, Page, WebSocketRoute } from 'playwright-core'
import { expect } from 'vitest'
import { type ChromiumOptions, launchChromium } from './browsers'
import type { Account } from './company'
import { keepConnections } from './connections'
import { patienceMs } from './patience'
import { type Code, installProbe } from './probe'

export interface Visitor extends ChromiumOptions {
  /** The address that the browser uses. */
  url: string
  /** Who is signed in; without it the browser is a guest. */
  account?: Account
  locale?: 'en' | 'zh-CN'
  phone?: boolean
  /** A browser that several people use, each with cookies of their own; without it one is started for this person. */
  browser?: Browser
}

/** The network of a page, to take away and give back: the browser's own switch spares WebSockets that are open. */
export class Network {
  private readonly lines = new Set<WebSocketRoute>()
  private down = false

  private constructor(private readonly context: BrowserContext) {}

  /** Must come before the page is opened. */
  static async of({ context }: Person): Promise<Network> {
    const network = new Network(context)
    await context.routeWebSocket(/\/(api\/v1|whiteboard)\//, (line) => network.connect(line))
    return network
  }

  private connect(line: WebSocketRoute): void {
    if (this.down) {
      void line.close()
      return
    }
    line.connectToServer()
    this.lines.add(line)
  }

  async cut(): Promise<void> {
    this.down = true
    await this.context.setOffline(true)
    await Promise.all([...this.lines].map((line) => line.close()))
    this.lines.clear()
  }

  async heal(): Promise<void> {
    this.down = false
    await this.context.setOffline(false)
  }
}

/** Somebody with a page of their own. */
export class Person {
  private constructor(
    readonly browser: Browser,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly url: string,
    /** Ends what was started for this person alone. */
    readonly close: () => Promise<void>,
  ) {}

  static async open({ url, account, locale = 'en', phone, browser: shared, ...options }: Visitor) {
    const browser = shared ?? (await launchChromium(options))
    const context = await browser.newContext({
      locale: locale === 'en' ? 'en-US' : 'zh-CN',
      viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
      ...(phone ? { isMobile: true, hasTouch: true, deviceScaleFactor: 2 } : {}),
    })
    if (account) await context.addCookies([account.cookie(url)])
    context.setDefaultTimeout(patienceMs)
    await context.addInitScript(keepConnections)
    await context.addInitScript(installProbe)
    const page = await context.newPage()
    return new Person(browser, context, page, url, () => (shared ? context : browser).close())
  }

  /** Opens the meeting's link. */
  async visit(code: string): Promise<void> {
    await this.page.goto(`${this.url}/m/${code}`)
  }

  /** Goes from the link through the pre-join page; a guest gives a name. */
  async enter(code: string, name?: string): Promise<void> {
    await this.visit(code)
    if (name) await this.page.getByLabel('Your name').fill(name)
    await this.page.locator('form button[type=submit]').click()
  }

  /** Goes in and waits for the stage. */
  async join(code: string, name?: string): Promise<void> {
    await this.enter(code, name)
    await this.onStage()
  }

  async onStage(): Promise<void> {
    await this.page.getByRole('button', { name: /^Leave/ }).waitFor()
  }

  /** All tiles on the stage. */
  tiles() {
    return this.page.locator('article[data-participant-id]')
  }

  /** The tile of the participant with this name. */
  tile(name: string) {
    return this.tiles().filter({ hasText: name }).first()
  }

  /** The code in the picture of a participant, null without a readable one. */
  async code(name: string): Promise<Code | null> {
    const video = this.tile(name).locator('video').first()
    if ((await video.count()) === 0) return null
    return video.evaluate((v) => window.probe.code(v as HTMLVideoElement)).catch(() => null)
  }

  /** How many frames of a participant's picture were shown, 0 without a picture. */
  async frames(name: string): Promise<number> {
    const video = this.tile(name).locator('video').first()
    if ((await video.count()) === 0) return 0
    return video
      .evaluate((v) => (v as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames, undefined, {
        timeout: 1_000,
      })
      .catch(() => 0)
  }

  /** Waits until the participant's picture carries the identity and moves on. */
  async sees(name: string, identity: number): Promise<void> {
    await expect
      .poll(async () => (await this.code(name))?.id, { message: `${name} shows ${identity}` })
      .toBe(identity)
    const first = (await this.code(name))?.frame
    await expect
      .poll(async () => (await this.code(name))?.frame, { message: `${name} moves` })
      .not.toBe(first)
  }

  /** The strongest tone among the remote sounds that play, by participant id. */
  async tones(ms = 1500): Promise<Record<string, number>> {
    return this.page.evaluate(async (duration) => {
      const heard: Record<string, number> = {}
      const elements = [...document.querySelectorAll<HTMLAudioElement>('audio[data-participant-id]')]
      await Promise.all(
        elements.map(async (element) => {
          if (!(element.srcObject instanceof MediaStream)) return
          const { hz, db } = await window.probe.tone(element.srcObject, duration)
          if (db > -60) heard[element.dataset.participantId ?? ''] = hz
        }),
      )
      return heard
    }, ms)
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name }).first()
  }

  /** Waits until a text can be read. */
  async reads(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor()
  }

  /** Chooses an entry of the menu that is open. */
  async choose(entry: string | RegExp): Promise<void> {
    await this.page.getByRole('menuitem', { name: entry }).first().click()
  }

  /** Chooses an entry of a participant's menu in the people panel, which is open. */
  async act(name: string, entry: string | RegExp): Promise<void> {
    await this.row(name)
      .getByRole('button', { name: /^More for/ })
      .click()
    await this.choose(entry)
  }

  /** The row of a participant in the people panel. */
  row(name: string) {
    return this.page.locator('[data-participant-row]', { hasText: name }).first()
  }

  /** Answers the question that is asked before an act. */
  async confirm(action: string | RegExp): Promise<void> {
    await this.page.getByRole('dialog').getByRole('button', { name: action }).click()
  }

  /** Turns a rule of the meeting on or off, as a host. */
  async toggleRule(rule: string): Promise<void> {
    await this.page.getByRole('toolbar').getByRole('button', { name: 'More', exact: true }).click()
    await this.choose('Meeting settings')
    const rules = this.page.getByRole('dialog', { name: 'Meeting settings' })
    const change = rules.getByRole('switch', { name: new RegExp(`^${rule}`) })
    const before = await change.getAttribute('aria-checked')
    await change.click()
    await expect.poll(() => change.getAttribute('aria-checked')).not.toBe(before)
    await rules.getByRole('button', { name: 'Close' }).click()
  }

  /** Leaves; a host is asked whether the others go on. */
  async leave(forAll = false): Promise<void> {
    const leave = this.button(/^Leave/)
    const asks = (await leave.getAttribute('aria-haspopup')) !== null
    await leave.click()
    if (!asks) return
    await this.choose(forAll ? 'End for everyone' : /^Leave the meeting/)
    if (forAll) await this.confirm('End for everyone')
  }
}
