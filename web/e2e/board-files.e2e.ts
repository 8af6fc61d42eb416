import { readFile } from 'node:fs/promises'
import type { Browser, Download } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoardRow, Hand, installBoardWatch, makeBoard } from './harness/board'
import { boardFile } from './harness/boardFile'
import { launchChromium } from './harness/browsers'
import { Network, Person } from './harness/call'
import { type Account, invite, makeCompany } from './harness/company'
import { artifacts } from './harness/paths'
import { Server } from './harness/server'

describe('a board goes out as a file', () => {
  let server: Server
  let board: BoardRow
  let browser: Browser
  let maya: Person
  let hand: Hand
  const outside: string[] = []

  beforeAll(async () => {
    server = await Server.start()
    const owner = await makeCompany(server)
    board = await makeBoard(owner, { title: '计划 / Plan' })
    browser = await launchChromium()
    maya = await Person.open({ url: server.url, browser, account: owner })
    await maya.context.addInitScript(installBoardWatch)
    await maya.context.addInitScript(withoutFilePickers)
    maya.page.on('request', (request) => {
      const { hostname, protocol } = new URL(request.url())
      if (/^(http|ws)/.test(protocol) && hostname !== '127.0.0.1') outside.push(request.url())
    })
    await maya.page.goto(`${server.url}/boards/${board.id}`)
    hand = new Hand(maya.page)
    await hand.ready()
    await hand.draw('r', [500, 300], [700, 420])
    await hand.draw('o', [800, 300], [940, 400])
    await hand.draw('a', [700, 360], [800, 350])
    await hand.draw('p', [520, 520], [660, 600])
    await hand.write([760, 520], 'Plan 计划 白板')
    await hand.click([1100, 700])
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  /** Saves a picture of the board by its menu. */
  async function picture(kind: 'PNG' | 'SVG'): Promise<Download> {
    const { page } = maya
    await page.getByTestId('main-menu-trigger').click()
    await page.getByTestId('image-export-button').click()
    await page.locator('.ImageExportModal__preview__canvas canvas').waitFor()
    await page.screenshot({ path: `${artifacts}/board-export-${kind.toLowerCase()}.png` })
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: `Export to ${kind}` }).click()
    const saved = await download
    await page.locator('.Modal__background').click({ position: { x: 5, y: 5 } })
    await page.locator('.ImageExportModal').waitFor({ state: 'detached' })
    return saved
  }

  test('with all that was drawn', async () => {
    await expect.poll(() => hand.elements()).toHaveLength(5)
  })

  test('as SVG, with its shapes, its text and the fonts that it needs', async () => {
    const download = await picture('SVG')
    expect(download.suggestedFilename()).toMatch(/\.svg$/)
    const svg = await readFile(await download.path(), 'utf8')
    const seen = await maya.page.evaluate(readSvg, svg)
    expect(seen.problem).toBeNull()
    expect(seen.text).toContain('Plan 计划 白板')
    expect(seen.paths).toBeGreaterThanOrEqual(4)
    expect(seen.fonts.length).toBeGreaterThanOrEqual(2)
    for (const source of seen.fonts)
      expect(source).toMatch(/^url\(["']?data:font\/woff2;base64,[A-Za-z0-9+/=]{1000,}/)
    expect(seen.references).toEqual([])

    const alone = await maya.context.newPage()
    await alone.goto('about:blank')
    await alone.setContent(svg)
    const fonts = await alone.evaluate(async () => {
      await document.fonts.ready
      return [...document.fonts].map(({ family, status }) => `${family} ${status}`)
    })
    expect(fonts.filter((font) => font.endsWith(' loaded')).length).toBeGreaterThanOrEqual(2)
    expect(fonts.filter((font) => font.endsWith(' error'))).toEqual([])
    await alone.screenshot({ path: `${artifacts}/board-svg.png` })
    await alone.close()
  })

  test('as PNG, as large as what is drawn and with it', async () => {
    const download = await picture('PNG')
    expect(download.suggestedFilename()).toMatch(/\.png$/)
    const bytes = await readFile(await download.path())
    const { width, height, dark } = await maya.page.evaluate(readPng, bytes.toString('base64'))
    const elements = await hand.elements()
    const edge = (side: 'x' | 'y', size: 'width' | 'height') =>
      Math.max(...elements.map((one) => one[side] + one[size])) -
      Math.min(...elements.map((one) => one[side]))
    // Ten pixels of margin on each side.
    const scale = width / (edge('x', 'width') + 20)
    expect(Math.abs(scale - Math.round(scale))).toBeLessThan(0.05)
    expect(Math.abs(height - scale * (edge('y', 'height') + 20))).toBeLessThan(10)
    expect(dark).toBeGreaterThan(1000)
  })

  test('as .excalidraw, which brings the same in again', async () => {
    const { page } = maya
    const before = await hand.elements()
    await page.getByTestId('main-menu-trigger').click()
    const waiting = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save as a file' }).click()
    const download = await waiting
    expect(download.suggestedFilename()).toBe('计划   Plan.excalidraw')
    const file = await readFile(await download.path(), 'utf8')
    expect((JSON.parse(file) as { elements: unknown[] }).elements).toHaveLength(before.length)
    await page
      .locator('input[type=file][accept^=".excalidraw"]')
      .setInputFiles({ name: 'plan.excalidraw', mimeType: 'application/json', buffer: Buffer.from(file) })
    await expect.poll(async () => (await hand.elements()).length).toBe(2 * before.length)
    const shape = ({ type, x, y, width, height, text }: (typeof before)[number]) =>
      JSON.stringify([type, x, y, width, height, text])
    const added = (await hand.elements()).filter(({ id }) => !before.some((one) => one.id === id))
    expect(added.map(shape).sort()).toEqual(before.map(shape).sort())
  })

  test('and asks nobody else for anything', () => {
    expect(outside).toEqual([])
  })
})

describe('shapes of one’s own, and a board that is full', () => {
  let server: Server
  let browser: Browser
  let accounts: { maya: Account; kenji: Account }

  beforeAll(async () => {
    server = await Server.start()
    const owner = await makeCompany(server)
    accounts = { maya: owner, kenji: await invite(server, owner, 'Kenji Mori', 'kenji') }
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  async function enter(
    account: Account,
    board: BoardRow,
  ): Promise<{ person: Person; hand: Hand; line: Network }> {
    const person = await Person.open({ url: server.url, browser, account })
    const line = await Network.of(person)
    await person.context.addInitScript(installBoardWatch)
    await person.page.goto(`${server.url}/boards/${board.id}`)
    const hand = new Hand(person.page)
    await hand.ready()
    return { person, hand, line }
  }

  test('a shape that is put into the library is there on the next board', async () => {
    const first = await enter(accounts.maya, await makeBoard(accounts.maya))
    await first.hand.draw('d', [500, 300], [640, 420])
    await first.hand.withControl('a')
    const library = async ({ person }: { person: Person }) => {
      await person.page.locator('.default-sidebar-trigger').click()
      await person.page.locator('.layer-ui__library').waitFor()
    }
    await library(first)
    const units = '.library-unit:not(.library-unit--skeleton)'
    await first.person.page.locator('.library-unit__pulse').click()
    await first.person.page.locator(`${units}:not(:has(.library-unit__adder))`).first().waitFor()
    await first.person.page.screenshot({ path: `${artifacts}/board-library.png` })

    const board = await makeBoard(accounts.maya, { title: 'Next' })
    await first.person.page.goto(`${server.url}/boards/${board.id}`)
    await first.hand.ready()
    await library(first)
    await first.person.page.locator(`${units} .library-unit__dragger`).first().click()
    await expect.poll(() => first.hand.kinds()).toEqual(['diamond'])
    await first.person.close()

    const second = await enter(accounts.kenji, board)
    await library(second)
    await second.person.page.locator('.library-menu-items__no-items').waitFor()
    expect(await second.person.page.locator(units).count()).toBe(0)
    await second.person.close()
  })

  test('who draws one element too many is told, and can go on with what the others see', async () => {
    const board = await makeBoard(accounts.maya, { title: 'Full' })
    const maya = await enter(accounts.maya, board)
    await maya.person.page
      .locator('input[type=file][accept^=".excalidraw"]')
      .setInputFiles({ name: 'full.excalidraw', mimeType: 'application/json', buffer: boardFile(4999) })
    await expect.poll(async () => (await maya.hand.elements()).length).toBe(4999)
    const kenji = await enter(accounts.kenji, board)
    await expect.poll(async () => (await kenji.hand.elements()).length).toBe(4999)

    // Both have room for one more; the server only for the first.
    await kenji.line.cut()
    await kenji.person.reads(/^Offline$/)
    await maya.hand.draw('r', [500, 300], [700, 420])
    await kenji.hand.draw('o', [500, 300], [700, 420])
    await expect.poll(() => maya.hand.elements()).toHaveLength(5000)
    await expect
      .poll(
        async () =>
          (await accounts.maya.call<{ elementCount: number }>('GET', `/boards/${board.id}`)).elementCount,
      )
      .toBe(5000)
    await kenji.line.heal()
    await kenji.person.reads(/A board holds 5000 elements/)
    await kenji.person.reads(/^Not taken$/)
    await kenji.person.page.screenshot({ path: `${artifacts}/board-refused.png` })
    await kenji.person.page.getByRole('button', { name: 'Drop my changes' }).click()
    await expect
      .poll(async () =>
        (await kenji.hand.elements()).map(({ type }) => type).filter((type) => type === 'ellipse'),
      )
      .toEqual([])
    await kenji.person.reads(/^Saved$/)
    expect(await maya.hand.elements()).toHaveLength(5000)

    await maya.hand.draw('o', [500, 450], [600, 500])
    await maya.person.reads(/A board holds 5000 elements/)
    expect(await maya.hand.elements()).toHaveLength(5000)
    await maya.person.page.getByRole('button', { name: 'Understood' }).click()
    await maya.person.page.getByText(/A board holds 5000/).waitFor({ state: 'detached' })
    await maya.person.close()
    await kenji.person.close()
  })
})

/** Runs in the page (an init script): files are downloads then, which a test can read. */
function withoutFilePickers(): void {
  Reflect.deleteProperty(window, 'showSaveFilePicker')
  Reflect.deleteProperty(window, 'showOpenFilePicker')
}

/** Runs in the page: what an SVG holds, and what it would have to fetch. */
function readSvg(source: string) {
  const drawing = new DOMParser().parseFromString(source, 'image/svg+xml')
  const style = [...drawing.querySelectorAll('style')].map(({ textContent }) => textContent ?? '').join('\n')
  const references = [...drawing.querySelectorAll('*')].flatMap((element) =>
    [...element.attributes]
      .filter(({ name, value }) => /^(href|xlink:href|src)$/.test(name) && !/^(data:|#)/.test(value))
      .map(({ value }) => value),
  )
  for (const [reference] of style.matchAll(/url\(\s*["']?(?!data:)[^)]*\)|@import[^;]*/g))
    references.push(reference)
  return {
    problem: drawing.querySelector('parsererror')?.textContent ?? null,
    text: [...drawing.querySelectorAll('text')].map(({ textContent }) => textContent ?? '').join('\n'),
    paths: drawing.querySelectorAll('path').length,
    fonts: [...style.matchAll(/@font-face[^}]*?src:\s*(url\([^)]*\))/g)].map(([, url]) => url ?? ''),
    references,
  }
}

/** Runs in the page: the size of a PNG, and how many of its pixels are dark. */
async function readPng(base64: string) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
  const { width, height } = image
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no canvas')
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, width, height)
  let dark = 0
  for (let at = 0; at < data.length; at += 4) if ((data[at] ?? 255) < 80 && (data[at + 3] ?? 0) > 200) dark++
  return { width, height, dark }
}
