import { afterAll, beforeAll, describe, test } from 'vitest'
import { Person } from './harness/call'
import { type Account, invite, type Meeting, twoMembers } from './harness/company'
import { FirefoxPerson } from './harness/firefox'
import { canEmulateLinks, Link } from './harness/link'
import { detailed, makeDetailedCamera } from './harness/media'
import { Server } from './harness/server'
import { chooseText, openTextPage, turnTo, wrongText } from './harness/textPage'
import {
  beforeMs,
  type Cell,
  impairments,
  keep,
  matrix,
  measureMs,
  receptionOf,
  recoverMs,
  recoveryOf,
  round,
  type ShareCell,
  settleMs,
  shareMatrix,
  Watcher,
  well,
} from './harness/thinLink'
import { installCamera, installWatch, theShare } from './harness/watch'

const cells: Cell[] = []
const shares: ShareCell[] = []

afterAll(() => {
  if (cells.length > 0) console.log(matrix(cells))
  if (shares.length > 0) console.log(shareMatrix(shares))
})

/** A server, a meeting and two people at the far end of a link; the third one is at this end. */
class Stage {
  private constructor(
    readonly link: Link,
    readonly server: Server,
    readonly meeting: Meeting,
    readonly accounts: { maya: Account; kenji: Account; ana: Account },
  ) {}

  static async build(settings: Record<string, string> = {}): Promise<Stage> {
    makeDetailedCamera()
    const link = await Link.make()
    const server = await Server.start({ behind: link, env: { PARLEY_LOG_LEVEL: 'debug', ...settings } })
    const { owner, second, meeting } = await twoMembers(server)
    const ana = await invite(server, owner, 'Ana Ruiz', 'ana')
    return new Stage(link, server, meeting, { maya: owner, kenji: second, ana })
  }

  /** Lets somebody with Chromium in, who watches somebody. */
  async enter(account: Account, behind: boolean, options: Parameters<typeof Person.open>[0] | object = {}) {
    const { server, link } = this
    const person = await Person.open({
      url: server.url,
      account,
      ...options,
      ...(behind ? { executablePath: link.chromium } : {}),
      args: [
        `--unsafely-treat-insecure-origin-as-secure=${server.url}`,
        ...('args' in options ? (options.args ?? []) : []),
      ],
    })
    await person.context.grantPermissions(['camera', 'microphone'])
    await person.context.addInitScript(installWatch)
    await person.join(this.meeting.code)
    return person
  }

  async close(): Promise<void> {
    await this.server.close()
    await this.link.close()
  }
}

describe.runIf(canEmulateLinks).each(['Chromium', 'Firefox'])('%s on a thin link', (browser) => {
  let stage: Stage
  const closing: (() => Promise<void>)[] = []
  let maya: Watcher
  let kenji: Watcher
  let ana: Watcher

  beforeAll(async () => {
    stage = await Stage.build()
    closing.push(() => stage.close())
    const { accounts, meeting, server } = stage
    const camera = { identity: 1 as const, camera: detailed.file }
    const first = await stage.enter(accounts.maya, true, camera)
    closing.push(first.close)
    const third = await stage.enter(accounts.ana, true)
    await third.page.setViewportSize({ width: 800, height: 600 })
    closing.push(third.close)
    maya = new Watcher(first.page)
    ana = new Watcher(third.page)
    if (browser === 'Chromium') {
      const second = await stage.enter(accounts.kenji, false, { ...camera, identity: 2 })
      closing.push(second.close)
      kenji = new Watcher(second.page)
    } else {
      const second = await FirefoxPerson.open({ url: server.url, account: accounts.kenji })
      closing.push(second.close)
      await second.page.evaluateOnNewDocument(installWatch)
      await second.page.evaluateOnNewDocument(installCamera)
      await second.join(meeting.code)
      kenji = new Watcher(second.page)
    }
  })

  afterAll(async () => {
    for (const close of closing.toReversed()) await close()
  })

  for (const direction of ['up', 'down'] as const) {
    test.each(Object.keys(impairments))(`${direction}: %s`, async (impairment) => {
      const logged = stage.server.log.length
      const watcher = direction === 'up' ? maya : kenji
      await stage.link.impair(well)
      await Promise.all([maya.start('Kenji Mori'), kenji.start('Maya Chen'), ana.start('Maya Chen')])
      await steady(watcher)
      await sleep(beforeMs)
      const impairedAt = Date.now()
      // The person is at this end of the link: what goes up for him comes down into the namespace.
      await stage.link.impair({ ...impairments[impairment], direction: direction === 'up' ? 'down' : 'up' })
      await sleep(settleMs + measureMs)
      const healedAt = Date.now()
      const before = receptionOf(await watcher.record(), impairedAt - beforeMs, impairedAt)
      await stage.link.impair(well)
      const recoverySeconds = await recovery(watcher, healedAt, before)
      const recordings = { maya: await maya.record(), kenji: await kenji.record(), ana: await ana.record() }
      const seen = recordings[direction === 'up' ? 'maya' : 'kenji']
      const cell: Cell = {
        browser,
        direction,
        impairment,
        before,
        impaired: receptionOf(seen, impairedAt + settleMs, healedAt),
        movesSeconds: recoveryOf(seen, healedAt, before, 1),
        recoverySeconds,
        othersBefore: receptionOf(recordings.ana, impairedAt - beforeMs, impairedAt),
        others: receptionOf(recordings.ana, impairedAt, healedAt),
      }
      cells.push(cell)
      const name = `${browser} ${direction} ${impairment}`
      keep(name, cell, recordings, stage.server.log.slice(logged))
      console.log(matrix([cell]))
    })
  }
})

describe.runIf(canEmulateLinks).each(['VP8', 'VP9', 'AV1'])('text that is shared in %s', (codec) => {
  let stage: Stage
  let sharer: Person
  let viewer: Person

  beforeAll(async () => {
    stage = await Stage.build({ PARLEY_MEDIA_SHARE_CODEC: codec.toLowerCase() })
    const { maya, kenji } = stage.accounts
    sharer = await stage.enter(maya, true, {
      identity: 1,
      asksForDevices: true, // Chromium's fake prompt would choose its fake screen
      args: [chooseText],
    })
    viewer = await stage.enter(kenji, false, { identity: 2 })
  })

  afterAll(async () => {
    await viewer?.close()
    await sharer?.close()
    await stage?.close()
  })

  test('down: 300 kbit/s', async () => {
    const logged = stage.server.log.length
    const page = await openTextPage(sharer)
    await turnTo(page, 0)
    await sharer.page.bringToFront()
    await sharer.button(/^Share screen/).click()
    await viewer.page.locator('[data-share] video').waitFor({ timeout: 20_000 })
    const watcher = new Watcher(viewer.page)
    await watcher.start(theShare)
    const settled = await readable(0)
    await stage.link.impair({ rate: 300, direction: 'up' })
    await sleep(settleMs)
    const from = Date.now()
    const readableAfter: (number | null)[] = []
    let number = 0
    for (; number < 2; ) {
      await turnTo(page, ++number)
      readableAfter.push(await readable(number))
    }
    const wrong = await wrongText(viewer, number)
    const recording = await watcher.record()
    const { longestGapMs, width, concealed } = receptionOf(recording, from, Date.now())
    await stage.link.impair(well)
    const cell: ShareCell = {
      browser: 'Chromium',
      codec,
      impairment: '300 kbit/s',
      readableAfter: [settled, ...readableAfter],
      wrong: round(100 * wrong, 1),
      longestGapMs,
      width,
      concealed,
    }
    shares.push(cell)
    keep(`share ${codec} down 300 kbit/s`, cell, { kenji: recording }, stage.server.log.slice(logged))
  })

  /** Seconds until the viewer can read a page, null when he cannot within 15 s. */
  async function readable(number: number): Promise<number | null> {
    const from = Date.now()
    while (Date.now() - from < 15_000) {
      if ((await wrongText(viewer, number)) < 0.02) return round((Date.now() - from) / 1000, 1)
      await sleep(200)
    }
    return null
  }
})

/** Waits until the picture has not changed its size for some seconds and moves, or for long enough. */
async function steady(watcher: Watcher): Promise<void> {
  let since = Date.now()
  let before = { framesPerSecond: 0, width: 0 }
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    await sleep(500)
    const now = await watcher.now()
    if (now.width !== before.width || now.framesPerSecond < 10) since = Date.now()
    before = now
    if (Date.now() - since > 2_500) return
  }
}

/** Waits until the picture is what it was, or for long enough; resolves with the seconds that it took. */
async function recovery(watcher: Watcher, healed: number, before: Cell['before']): Promise<number | null> {
  for (;;) {
    const seconds = recoveryOf(await watcher.record(), healed, before)
    if (seconds !== null || Date.now() - healed > recoverMs) return seconds
    await sleep(500)
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
