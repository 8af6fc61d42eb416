import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoardRow, Hand, installBoardWatch, makeBoard } from './harness/board'
import { launchChromium, launchFirefox } from './harness/browsers'
import { Network, Person } from './harness/call'
import { type Account, invite, makeCompany } from './harness/company'
import { overflow, seriousProblems } from './harness/look'
import { artifacts } from './harness/paths'
import { Server } from './harness/server'

describe('two Chromium and one Firefox on one board', () => {
  let server: Server
  let board: BoardRow
  let accounts: { maya: Account; kenji: Account; lin: Account; daniel: Account }
  let browser: Browser
  let mayaPerson: Person
  let kenjiPerson: Person
  let network: Network
  let maya: Hand
  let kenji: Hand
  let lin: Hand
  let closeFirefox: () => Promise<void>
  const outside: string[] = []
  const errors: string[] = []

  beforeAll(async () => {
    server = await Server.start()
    const owner = await makeCompany(server)
    accounts = {
      maya: owner,
      kenji: await invite(server, owner, 'Kenji Mori', 'kenji'),
      lin: await invite(server, owner, '林晓', 'lin'),
      daniel: await invite(server, owner, 'Daniel Roth', 'daniel'),
    }
    board = await makeBoard(owner)
    browser = await launchChromium()
    const { url } = server
    mayaPerson = await Person.open({ url, browser, account: accounts.maya })
    kenjiPerson = await Person.open({ url, browser, account: accounts.kenji })
    network = await Network.of(kenjiPerson)
    for (const { context, page } of [mayaPerson, kenjiPerson]) {
      await context.addInitScript(installBoardWatch)
      listen(page)
    }
    maya = await openBoard(mayaPerson.page)
    kenji = await openBoard(kenjiPerson.page)
    const firefox = await launchFirefox()
    closeFirefox = firefox.close
    const page = await firefox.browser.newPage()
    await page.evaluateOnNewDocument(installBoardWatch)
    const { hostname } = new URL(url)
    await firefox.browser.setCookie({ ...accounts.lin.cookie(url), domain: hostname, path: '/' })
    await page.goto(`${url}/boards/${board.id}`)
    lin = new Hand(page)
    await lin.ready()
  })

  afterAll(async () => {
    await closeFirefox?.()
    await browser?.close()
    await server?.close()
  })

  function listen(page: Page) {
    page.on('request', (request) => {
      const { hostname, protocol } = new URL(request.url())
      if (/^(http|ws)/.test(protocol) && hostname !== '127.0.0.1') outside.push(request.url())
    })
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy/.test(message.text()))
        errors.push(message.text())
    })
  }

  async function openBoard(page: Page): Promise<Hand> {
    await page.goto(`${server.url}/boards/${board.id}`)
    const hand = new Hand(page)
    await hand.ready()
    return hand
  }

  /** Waits until all three have the same on their canvases, in the same order; gives what that is. */
  async function same(...more: Hand[]): Promise<string[]> {
    let scenes: string[][] = []
    await expect
      .poll(async () => {
        scenes = []
        for (const hand of [maya, kenji, lin, ...more]) scenes.push(await hand.scene())
        return scenes.every((scene) => JSON.stringify(scene) === JSON.stringify(scenes[0]))
      })
      .toBe(true)
    return scenes[0] ?? []
  }

  test('what one draws and writes is on every canvas', async () => {
    await maya.draw('r', [500, 300], [700, 420])
    await kenji.draw('o', [800, 300], [940, 400])
    await lin.draw('p', [520, 520], [660, 600])
    await maya.write([760, 520], 'Plan 计划')
    await expect
      .poll(async () => (await lin.kinds()).sort())
      .toEqual(['ellipse', 'freedraw', 'rectangle', 'text'])
    const scene = await same()
    expect(scene.find((line) => line.startsWith('text'))).toContain('Plan 计划')
  })

  test('names, cursors and selections of the others are there', async () => {
    await kenji.click([870, 300])
    const names = () => mayaPerson.page.locator('.UserList').innerText()
    await expect.poll(() => mayaPerson.page.locator('.UserList .Avatar').count()).toBe(2)
    await expect.poll(names).toMatch(/K/)
    await kenji.press('Escape')
  })

  test('two drag one element at the same time, and both end with the same', async () => {
    await Promise.all([maya.take([500, 360]), kenji.take([500, 360])])
    await Promise.all([
      maya.move([500, 360], [560, 400], 30),
      kenji.move([500, 360], [460, 440], 40),
      lin.draw('d', [900, 560], [1000, 640]),
    ])
    await Promise.all([maya.letGo(), kenji.letGo()])
    const scene = await same()
    expect(scene).toHaveLength(5)
  })

  test('undo takes back only what is one’s own, and redo brings it again', async () => {
    const ids = async (hand: Hand) => (await hand.elements()).map(({ id }) => id)
    const added = async (hand: Hand, known: string[]) => (await ids(hand)).filter((id) => !known.includes(id))
    const known = await ids(maya)
    await maya.draw('o', [1020, 300], [1100, 360])
    await expect.poll(() => added(maya, known)).toHaveLength(1)
    const [mine] = await added(maya, known)
    await expect.poll(() => ids(kenji)).toContain(mine)
    await kenji.draw('r', [1020, 420], [1100, 480])
    await expect.poll(() => added(kenji, [...known, mine ?? ''])).toHaveLength(1)
    const [his] = await added(kenji, [...known, mine ?? ''])
    await expect.poll(() => ids(maya)).toContain(his)
    const all = await same()

    // Undo goes back over what was selected, too; so there are many steps.
    for (let step = 0; step < 60; step++) await maya.undo()
    await expect.poll(() => ids(kenji)).not.toContain(mine)
    const left = await same()
    expect(left.filter((line) => line.includes(his ?? '?'))).toHaveLength(1)
    // Hers were a rectangle, a text and an ellipse.
    expect(left.map((line) => line.split(' ')[0]).sort()).toEqual([
      'diamond',
      'ellipse',
      'freedraw',
      'rectangle',
    ])

    for (let step = 0; step < 60; step++) await maya.redo()
    await expect.poll(() => ids(kenji)).toContain(mine)
    expect((await same()).map((line) => line.split(' ')[1]).sort()).toEqual(
      all.map((line) => line.split(' ')[1]).sort(),
    )
  })

  test('typing is not disturbed by what others do', async () => {
    const { page } = mayaPerson
    await maya.press('t')
    await maya.click([600, 700])
    await page.locator('textarea.excalidraw-wysiwyg').waitFor()
    await page.keyboard.type('half a ')
    await Promise.all([
      lin.draw('d', [760, 640], [820, 700]),
      (async () => {
        for (const letter of 'sentence') {
          await page.keyboard.type(letter)
          await sleep(60)
        }
      })(),
    ])
    expect(await page.locator('textarea.excalidraw-wysiwyg').inputValue()).toBe('half a sentence')
    await maya.press('Escape')
    const scene = await same()
    expect(scene.filter((line) => line.includes('half a sentence'))).toHaveLength(1)
  })

  test('ten seconds without a network lose nothing on either side', async () => {
    const count = (await same()).length
    await network.cut()
    await kenjiPerson.reads(/^Offline$/)
    await kenji.draw('r', [480, 620], [540, 680])
    await maya.draw('o', [860, 700], [930, 760])
    await kenji.drag([480, 650], [440, 700])
    await lin.draw('r', [960, 480], [1010, 530])
    await sleep(10_000)
    await network.heal()
    await kenjiPerson.reads(/^Saved$/)
    await expect.poll(() => same()).toHaveLength(count + 3)
  })

  test('what is drawn offline outlives the page', async () => {
    const count = (await same()).length
    await network.cut()
    await kenjiPerson.reads(/^Offline$/)
    const kept = await keptUpdates(kenjiPerson.page)
    await kenji.draw('d', [640, 240], [700, 280])
    await expect.poll(() => keptUpdates(kenjiPerson.page)).not.toBe(kept)
    await kenjiPerson.page.goto('about:blank')
    await maya.draw('r', [720, 240], [780, 280])
    await network.heal()
    kenji = await openBoard(kenjiPerson.page)
    await expect.poll(() => same()).toHaveLength(count + 2)
  })

  test('a page that is loaded without a network opens the board, and what is drawn on it joins', async () => {
    const { page } = kenjiPerson
    await page.waitForFunction(async () => {
      const [cache] = (await caches.keys()).filter((key) => key.startsWith('parley-shell-'))
      return (
        cache !== undefined && (await (await caches.open(cache)).match('/parley-with-boards')) !== undefined
      )
    })
    const before = await same()
    await network.cut()
    await page.reload()
    await kenjiPerson.reads(/^Offline$/)
    await kenji.ready()
    expect(await kenji.scene()).toEqual(before)
    await kenji.draw('r', [640, 300], [700, 340])
    await page.screenshot({ path: `${artifacts}/board-loaded-offline.png` })
    await sleep(500)
    await page.reload()
    await kenjiPerson.reads(/^Offline$/)
    await kenji.ready()
    expect(await kenji.kinds()).toHaveLength(before.length + 1)
    await network.heal()
    await kenjiPerson.reads(/^Saved$/)
    expect(await same()).toHaveLength(before.length + 1)
  })

  test('a tab that slept overwrites nothing', async () => {
    const sleeper = await Person.open({ url: server.url, browser, account: accounts.daniel })
    const line = await Network.of(sleeper)
    await sleeper.context.addInitScript(installBoardWatch)
    const stale = await openBoard(sleeper.page)
    await same(stale)
    await line.cut()
    await sleeper.reads(/^Offline$/)
    await maya.withControl('a')
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowRight']) await maya.press(key)
    await maya.press('Escape')
    await lin.draw('o', [560, 640], [600, 680])
    const now = await same()
    const before = await stale.sent()
    await line.heal()
    await sleeper.reads(/^Saved$/)
    expect(await same(stale)).toEqual(now)
    expect(await stale.sent()).toBe(before)
    await sleeper.close()
  })

  test('who comes later sees the same order', async () => {
    await Promise.all([maya.draw('r', [840, 420], [920, 500]), kenji.draw('r', [850, 430], [930, 510])])
    const now = await same()
    const late = await Person.open({ url: server.url, browser, account: accounts.daniel })
    await late.context.addInitScript(installBoardWatch)
    const hand = await openBoard(late.page)
    expect(await same(hand)).toEqual(now)
    await late.close()
  })

  test('nobody sends anything when nobody does anything', async () => {
    await same()
    const hands = [maya, kenji, lin]
    const sent = () => Promise.all(hands.map((hand) => hand.sent()))
    const sentMeanwhile = async () => {
      const before = await sent()
      await sleep(5000)
      return (await sent()).map((count, at) => count - (before[at] ?? 0))
    }
    await expect.poll(sentMeanwhile).toEqual([0, 0, 0])
  })

  test('a picture is on the board of the others, by its id', async () => {
    await mayaPerson.page.evaluate(async () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 2400, height: 1200 })
      const context = canvas.getContext('2d')
      if (!context) return
      context.fillStyle = '#2f9e44'
      context.fillRect(0, 0, 2400, 1200)
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve))
      const data = new DataTransfer()
      if (blob) data.items.add(new File([blob], 'green.png', { type: 'image/png' }))
      const target = document.querySelector('.excalidraw canvas.interactive')
      const at = { clientX: 700, clientY: 400, bubbles: true, cancelable: true, dataTransfer: data }
      target?.dispatchEvent(new DragEvent('drop', at))
    })
    await expect.poll(async () => (await lin.kinds()).includes('image')).toBe(true)
    await same()
    const image = (await lin.elements()).find(({ type }) => type === 'image') as unknown as { fileId: string }
    expect(image.fileId).toMatch(/^[0-9a-f]{64}$/)
    await expect.poll(() => green(kenjiPerson.page)).toBe(true)
  })

  test('nothing is asked of anybody else, and the page’s policy holds', () => {
    expect(outside).toEqual([])
    expect(errors).toEqual([])
  })

  test('it looks as it should', async () => {
    const looks = [
      { name: 'board-desktop-en-light', locale: 'en', scheme: 'light', phone: false },
      { name: 'board-desktop-zh-dark', locale: 'zh-CN', scheme: 'dark', phone: false },
      { name: 'board-phone-zh-light', locale: 'zh-CN', scheme: 'light', phone: true },
      { name: 'board-phone-en-dark', locale: 'en', scheme: 'dark', phone: true },
    ] as const
    for (const { name, locale, scheme, phone } of looks) {
      await accounts.daniel.call('PATCH', '/me', { locale })
      const visitor = await Person.open({ url: server.url, browser, account: accounts.daniel, locale, phone })
      await visitor.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await openBoard(visitor.page)
      await visitor.page.waitForLoadState('networkidle')
      await sleep(1000)
      await visitor.page.screenshot({ path: `${artifacts}/${name}.png` })
      expect(await overflow(visitor.page), name).toBe(0)
      expect(await seriousProblems(visitor.page), name).toEqual([])
      await visitor.close()
    }
  })

  test('who may only look, looks', async () => {
    await accounts.maya.call('PUT', `/boards/${board.id}/access`, {
      entries: [{ kind: 'everyone', role: 'viewer' }],
    })
    await kenjiPerson.reads(/^View only$/)
    const now = await same()
    await kenji.draw('r', [500, 300], [700, 420])
    await sleep(1000)
    expect(await same()).toEqual(now)
  })

  test('who has no access any more is told', async () => {
    await accounts.maya.call('PUT', `/boards/${board.id}/access`, { entries: [] })
    await kenjiPerson.reads(/Your access to this board was taken away/)
    const kept = () =>
      kenjiPerson.page.evaluate(async () =>
        (await indexedDB.databases()).filter(({ name }) => name?.startsWith('parley.board.')),
      )
    await expect.poll(kept).toEqual([])
  })
})

/** How many updates of boards the page keeps in its databases. */
function keptUpdates(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    let count = 0
    for (const { name } of await indexedDB.databases()) {
      if (!name?.startsWith('parley.board.')) continue
      const database = await done(indexedDB.open(name))
      if (database.objectStoreNames.contains('updates'))
        count += await done(database.transaction('updates').objectStore('updates').count())
      database.close()
    }
    return count
  })
}

/** Whether the middle of what the canvas shows is green somewhere, where the picture lies. */
function green(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.excalidraw canvas.static')
    const context = canvas?.getContext('2d')
    if (!canvas || !context) return false
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    let count = 0
    for (let at = 0; at < data.length; at += 400) {
      const [red = 0, greenness = 0, blue = 0] = data.subarray(at, at + 3)
      if (Math.abs(red - 47) < 12 && Math.abs(greenness - 158) < 12 && Math.abs(blue - 68) < 12) count++
    }
    return count > 50
  })
}

describe('what else is on a board', () => {
  let server: Server
  let owner: Account
  let second: Account
  let browser: Browser
  let mayaPerson: Person
  let kenjiPerson: Person
  let board: BoardRow

  beforeAll(async () => {
    server = await Server.start()
    owner = await makeCompany(server)
    second = await invite(server, owner, 'Kenji Mori', 'kenji')
    board = await makeBoard(owner, { title: 'Ideas', template: 'brainstorm' })
    browser = await launchChromium()
    mayaPerson = await Person.open({ url: server.url, browser, account: owner })
    kenjiPerson = await Person.open({ url: server.url, browser, account: second })
    for (const { context, page } of [mayaPerson, kenjiPerson]) {
      await context.addInitScript(installBoardWatch)
      await page.goto(`${server.url}/boards/${board.id}`)
      await new Hand(page).ready()
    }
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  test('votes that two give at once both count', async () => {
    const vote = ({ page }: Person) => page.getByRole('button', { name: /^Vote for/ }).first()
    await Promise.all([vote(mayaPerson).click(), vote(kenjiPerson).click()])
    for (const person of [mayaPerson, kenjiPerson]) {
      await expect.poll(() => vote(person).innerText()).toContain('2')
      await person.reads('4 votes left')
    }
    await mayaPerson.page.screenshot({ path: `${artifacts}/board-votes.png` })
    await mayaPerson.page
      .getByRole('button', { name: /^Take a vote/ })
      .first()
      .click()
    await expect.poll(() => vote(kenjiPerson).innerText()).toContain('1')
  })

  test('a file goes in beside what is there, and out again', async () => {
    const hand = new Hand(mayaPerson.page)
    const before = await hand.elements()
    const saved = await mayaPerson.page.evaluate(() => window.boardWatch.saved ?? '')
    await mayaPerson.page
      .locator('input[type=file][accept^=".excalidraw"]')
      .setInputFiles({ name: 'ideas.excalidraw', mimeType: 'application/json', buffer: Buffer.from(saved) })
    await expect.poll(async () => (await hand.elements()).length).toBe(2 * before.length)
    const after = await hand.elements()
    expect(new Set(after.map(({ id }) => id)).size).toBe(after.length)
    await expect
      .poll(async () => (await new Hand(kenjiPerson.page).elements()).length)
      .toBe(2 * before.length)
  })

  test('who may only comment points and reacts', async () => {
    await owner.call('PUT', `/boards/${board.id}/access`, {
      entries: [{ kind: 'everyone', role: 'commenter' }],
    })
    const { page } = kenjiPerson
    await kenjiPerson.reads('Point and react')
    await page.getByRole('button', { name: 'React with 🎉' }).click()
    await mayaPerson.page.locator('.board-reactions', { hasText: '🎉' }).waitFor()
    await page.getByRole('button', { name: 'Laser pointer' }).click()
    const hand = new Hand(page)
    await hand.take([600, 400])
    await hand.move([600, 400], [800, 500], 40)
    const trails = () =>
      mayaPerson.page.evaluate(() =>
        [...document.querySelectorAll('.SVGLayer path')].some(
          (path) => (path.getAttribute('d') ?? '') !== '',
        ),
      )
    await expect.poll(trails).toBe(true)
    await hand.letGo()
    await page.screenshot({ path: `${artifacts}/board-commenter.png` })
    await page.setViewportSize({ width: 390, height: 844 })
    await page.screenshot({ path: `${artifacts}/board-commenter-phone.png` })
  })
})
