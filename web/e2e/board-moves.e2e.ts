import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoardRow, type Drawn, Hand, installBoardWatch, makeBoard } from './harness/board'
import { boardFile } from './harness/boardFile'
import { launchChromium } from './harness/browsers'
import { Person } from './harness/call'
import { type Account, invite, makeCompany } from './harness/company'
import { artifacts } from './harness/paths'
import { Server } from './harness/server'

describe('two at a board, and what moves there', () => {
  let server: Server
  let board: BoardRow
  let browser: Browser
  let accounts: { maya: Account; kenji: Account }
  let mayaPerson: Person
  let kenjiPerson: Person
  let maya: Hand
  let kenji: Hand

  beforeAll(async () => {
    server = await Server.start()
    const owner = await makeCompany(server)
    accounts = { maya: owner, kenji: await invite(server, owner, 'Kenji Mori', 'kenji') }
    board = await makeBoard(owner)
    browser = await launchChromium()
    mayaPerson = await enter(accounts.maya)
    maya = new Hand(mayaPerson.page)
    await maya.ready()
    await insert(mayaPerson.page, 20)
    await mayaPerson.reads(/^Saved$/)
    kenjiPerson = await enter(accounts.kenji)
    kenji = new Hand(kenjiPerson.page)
    await kenji.ready()
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  async function enter(account: Account, phone = false): Promise<Person> {
    const person = await Person.open({ url: server.url, browser, account, phone })
    await person.context.addInitScript(installBoardWatch)
    await person.page.goto(`${server.url}/boards/${board.id}`)
    return person
  }

  async function insert(page: Page, count: number): Promise<void> {
    await page
      .locator('input[type=file][accept^=".excalidraw"]')
      .setInputFiles({ name: 'many.excalidraw', mimeType: 'application/json', buffer: boardFile(count) })
  }

  const places = (elements: readonly Drawn[]) =>
    elements
      .map(({ id, x, y }) => ({ id, x, y }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, x, y }) => `${id} ${Math.round(x)} ${Math.round(y)}`)

  test('a selection that is dragged goes along everywhere, and is written once', async () => {
    await expect.poll(async () => (await maya.elements()).length).toBe(20)
    await expect.poll(async () => places(await kenji.elements())).toEqual(places(await maya.elements()))
    const start = await kenji.elements()
    const middle = [750, 480] as const
    await maya.withControl('a')
    await maya.take(middle)
    const [sentAt, sent] = [Date.now(), await maya.sent()]
    await maya.move(middle, [850, 540], 40)

    const moved = async () => {
      const now = await kenji.elements()
      return start.filter(({ id, x, y }) =>
        now.some((one) => one.id === id && one.x > x + 20 && one.y > y + 20),
      )
    }
    await expect.poll(async () => (await moved()).length).toBe(20)
    expect((await maya.sent()) - sent).toBeLessThanOrEqual(1 + Math.floor((Date.now() - sentAt) / 2000))

    const late = await enter(accounts.kenji)
    const comer = new Hand(late.page)
    await comer.ready()
    await expect.poll(async () => places(await comer.elements())).toEqual(places(await kenji.elements()))
    await kenjiPerson.page.screenshot({ path: `${artifacts}/board-move-others.png` })
    await maya.move([850, 540], [700, 430], 40)
    await maya.letGo()
    const end = places(await maya.elements())
    for (const hand of [kenji, comer])
      await expect.poll(async () => places(await hand.elements())).toEqual(end)
    expect(end).not.toEqual(places(start))
    await late.close()

    await maya.undo()
    for (const hand of [maya, kenji])
      await expect.poll(async () => places(await hand.elements())).toEqual(places(start))
  })

  test('who is followed leads the view', async () => {
    const { page } = kenjiPerson
    await page.locator('.UserList .Avatar').first().click()
    await page.locator('.follow-mode').waitFor()
    await mayaPerson.page.locator('.excalidraw').waitFor()
    const zoom = (of: Page) => of.locator('.reset-zoom-button').innerText()
    const before = await zoom(page)
    for (let step = 0; step < 4; step++) await mayaPerson.page.locator('.zoom-in-button').click()
    await expect.poll(() => zoom(page)).not.toBe(before)
    await expect.poll(async () => (await zoom(page)) === (await zoom(mayaPerson.page))).toBe(true)
    await page.screenshot({ path: `${artifacts}/board-follow.png` })
    await mayaPerson.page.screenshot({ path: `${artifacts}/board-followed.png` })
    await page.locator('.follow-mode__disconnect-btn').click()
    await page.locator('.follow-mode').waitFor({ state: 'detached' })
    const left = await zoom(page)
    for (let step = 0; step < 4; step++) await mayaPerson.page.locator('.zoom-out-button').click()
    await sleep(1000)
    expect(await zoom(page)).toBe(left)
  })

  test('on a phone one finger draws and two zoom', async () => {
    const person = await enter(accounts.kenji, true)
    const { page } = person
    const hand = new Hand(page)
    await hand.ready()
    const fingers = await page.context().newCDPSession(page)
    const touch = (
      type: 'touchStart' | 'touchMove' | 'touchEnd',
      ...touchPoints: { x: number; y: number }[]
    ) =>
      fingers.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: touchPoints.map((at, id) => ({ ...at, id })),
      })
    const known = (await maya.elements()).map(({ id }) => id)
    const drawn = async () => (await maya.elements()).filter(({ id }) => !known.includes(id))
    const draw = async () => {
      await page.getByTestId('toolbar-rectangle').check({ force: true })
      await touch('touchStart', { x: 120, y: 300 })
      for (let step = 1; step <= 12; step++)
        await touch('touchMove', { x: 120 + 10 * step, y: 300 + 8 * step })
      await touch('touchEnd')
    }

    await draw()
    await expect.poll(async () => (await drawn()).length).toBe(1)
    await touch('touchStart', { x: 180, y: 400 }, { x: 210, y: 400 })
    for (let step = 1; step <= 15; step++)
      await touch('touchMove', { x: 180 - 8 * step, y: 400 }, { x: 210 + 8 * step, y: 400 })
    await touch('touchEnd')
    expect(await drawn()).toHaveLength(1)
    await page.screenshot({ path: `${artifacts}/board-phone-zoomed.png` })
    await draw()
    await expect.poll(async () => (await drawn()).length).toBe(2)
    // The same way of the finger is a shorter one on a board that is seen from nearer.
    const [first, second] = await drawn()
    expect(second?.width).toBeLessThan((first?.width ?? 0) / 2)
    await person.close()
  })
})
