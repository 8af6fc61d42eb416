import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Hand, installBoardWatch, type Place } from './harness/board'
import { launchChromium } from './harness/browsers'
import { Person } from './harness/call'
import { type Account, type Meeting, twoMembers } from './harness/company'
import { overflow, seriousProblems } from './harness/look'
import { artifacts } from './harness/paths'
import { Server } from './harness/server'
import { chooseText, openTextPage } from './harness/textPage'

interface Board {
  id: string
  title: string
  role: string
  owner: { name: string }
}

const guestName = 'Anna Gast'

/** Somebody in the meeting, with a hand on the board that is large. */
class Drawer extends Hand {
  constructor(readonly person: Person) {
    super(person.page)
  }

  private get paper() {
    return this.person.page.locator('[data-board] .excalidraw canvas.interactive')
  }

  /** A place on the paper, as fractions of it. */
  async place(x: number, y: number): Promise<Place> {
    const box = await this.paper.boundingBox()
    if (!box) throw new Error('there is no board')
    return [box.x + box.width * x, box.y + box.height * y]
  }

  /** Draws a rectangle; keys reach the editor once it was clicked. */
  async rectangle(x: number, y: number): Promise<void> {
    await this.ready()
    await this.click(await this.place(0.9, 0.9))
    await this.draw('r', await this.place(x, y), await this.place(x + 0.1, y + 0.15))
  }

  sees(words: string | RegExp) {
    return this.person.page.locator('[data-board]').getByText(words).waitFor()
  }
}

describe('a board in a meeting', () => {
  let server: Server
  let browser: Browser
  let maya: Account
  let kenji: Account
  let meeting: Meeting
  let host: Drawer
  let member: Drawer
  let guest: Drawer

  beforeAll(async () => {
    server = await Server.start()
    ;({ owner: maya, second: kenji, meeting } = await twoMembers(server))
    browser = await launchChromium({ builtinCameras: 1 })
    host = await comes(maya)
    member = await comes(kenji)
    guest = await comes()
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  async function comes(account?: Account): Promise<Drawer> {
    const person = await Person.open({ url: server.url, browser, ...(account ? { account } : {}) })
    await person.context.addInitScript(installBoardWatch)
    await person.join(meeting.code, account ? undefined : guestName)
    return new Drawer(person)
  }

  const boards = () =>
    maya.call<{ items: Board[] }>('GET', `/meetings/${meeting.id}/boards`).then(({ items }) => items)

  async function shot(of: Drawer, name: string): Promise<void> {
    await of.person.page.screenshot({ path: `${artifacts}/board-meeting-${name}.png` })
  }

  test('a guest opens one, and all draw on it together', async () => {
    await guest.person.button('Board').click()
    await guest.person.choose('New board')
    for (const one of [host, member, guest]) await one.ready()
    await guest.rectangle(0.3, 0.3)
    await member.rectangle(0.5, 0.3)
    await host.rectangle(0.4, 0.6)
    for (const one of [host, member, guest]) {
      await expect.poll(() => one.kinds()).toEqual(['rectangle', 'rectangle', 'rectangle'])
    }
    const [board] = await boards()
    expect(board?.owner.name).toBe('Maya Chen')
    expect(await seriousProblems(host.person.page)).toEqual([])
    expect(await overflow(host.person.page)).toBe(0)
    await shot(host, 'host')
    await shot(guest, 'guest')
  })

  test('a host keeps drawing to hosts, and lets everybody draw again', async () => {
    await host.person.toggleRule('Everyone may draw')
    for (const one of [member, guest]) await one.sees(/You may point and react/)
    await guest.rectangle(0.7, 0.3)
    await host.rectangle(0.7, 0.6)
    for (const one of [host, member]) await expect.poll(async () => (await one.kinds()).length).toBe(4)
    await shot(guest, 'points')
    await host.person.toggleRule('Everyone may draw')
    await guest.person.page
      .locator('[data-board] [data-testid="toolbar-rectangle"]')
      .waitFor({ state: 'attached' })
    await guest.rectangle(0.2, 0.6)
    await expect.poll(async () => (await member.kinds()).length).toBe(5)
  })

  test('who comes later sees it, and a reload does', async () => {
    await member.person.page.reload()
    await member.person.onStage()
    await member.ready()
    await expect.poll(async () => (await member.kinds()).length).toBe(5)
    const late = await comes(maya)
    await late.ready()
    await expect.poll(async () => (await late.kinds()).length).toBe(5)
    await late.person.close()
  })

  const menu = (of: Drawer) => of.person.page.getByLabel('Board', { exact: true })

  /** The board that is large, null when another thing is. */
  const large = (one: Drawer) =>
    one.person.page.evaluate(() => document.querySelector<HTMLElement>('[data-board]')?.dataset.board ?? null)
  const allSee = async (id: string | null | undefined, ...people: Drawer[]) => {
    for (const one of people) await expect.poll(() => large(one)).toBe(id)
  }
  const switchTo = async (one: Drawer, title: string) => {
    await one.person.button(/^Board \d of \d/).click()
    await one.person.page.getByRole('menuitemradio', { name: title, exact: true }).click()
  }

  test('a member chooses one of his own, for all to draw on', async () => {
    const sketch = await kenji.call<Board>('POST', '/boards', { title: 'Kenji’s sketch' })
    const theirs = await maya.call<Board>('POST', '/boards', { title: 'Shown to Kenji' })
    const me = await kenji.call<{ user: { id: string } }>('GET', '/me')
    const entries = [{ kind: 'person', id: me.user.id, role: 'viewer' }]
    await maya.call('PUT', `/boards/${theirs.id}/access`, { entries })
    await menu(member).click()
    await member.person.choose('Open one of my boards')
    const picker = member.person.page.getByRole('dialog', { name: 'Open a board in the meeting' })
    const choice = picker.getByRole('button', { name: sketch.title })
    await choice.waitFor()
    expect(await picker.getByRole('button', { name: theirs.title }).count()).toBe(0)
    await shot(member, 'picker')
    expect(await seriousProblems(member.person.page)).toEqual([])
    await choice.click()
    await allSee(sketch.id, host, member, guest)
    await guest.rectangle(0.3, 0.3)
    for (const one of [host, member]) await expect.poll(() => one.kinds()).toEqual(['rectangle'])
    expect((await kenji.call<Board>('GET', `/boards/${sketch.id}`)).role).toBe('owner')
  })

  test('a host looks at another one alone, then shows it to everyone', async () => {
    const list = await boards()
    const [sketch, first] = [/sketch/, /Untitled/].map((title) => list.find((one) => title.test(one.title)))
    await switchTo(host, first?.title ?? '')
    await allSee(first?.id, host)
    await allSee(sketch?.id, member, guest)
    await host.person.button('Show to everyone').click()
    await allSee(first?.id, host, member, guest)
    await expect.poll(() => host.person.page.getByText('Show to everyone').count()).toBe(0)
    await switchTo(member, sketch?.title ?? '')
    await allSee(sketch?.id, member)
    await member.person.button('Show to everyone').click() // he opened it
    await allSee(sketch?.id, host, member, guest)
    await switchTo(guest, first?.title ?? '')
    await guest.person.button('Show to everyone').click() // and she this one
    await allSee(first?.id, host, member, guest)
  })

  test('a share and a board take turns: what came last is large', async () => {
    const [first] = (await boards()).filter(({ title }) => /Untitled/.test(title))
    const sharer = new Drawer(
      await Person.open({ url: server.url, account: kenji, args: [chooseText], asksForDevices: true }),
    )
    try {
      await sharer.person.join(meeting.code)
      await openTextPage(sharer.person)
      await sharer.person.page.bringToFront()
      await sharer.person.button(/^Share screen/).click()
      await allSee(null, host, member, guest)
      for (const one of [host, guest]) await one.person.page.locator('[data-share] video').waitFor()
      await shot(host, 'share-over-board')
      await menu(host).click()
      await host.person.page.getByRole('menuitemradio', { name: first?.title ?? '', exact: true }).click()
      await allSee(first?.id, host)
      await allSee(null, member, guest)
      await shot(host, 'board-while-shared')
      await host.person.button('Show to everyone').click()
      await allSee(first?.id, host, member, guest)
      await sharer.person.button(/^Stop sharing/).click()
      await allSee(first?.id, host, member, guest)
      await sharer.person.button(/^Share screen/).click()
      await allSee(null, host, member, guest)
      await sharer.person.button(/^Stop sharing/).click()
      await allSee(first?.id, host, member, guest)
    } finally {
      await sharer.person.close()
    }
  })

  test('a guest who is removed loses it', async () => {
    await host.person.button(/^People/).click()
    await host.person.act(guestName, /^Remove/)
    await host.person.confirm(/^Remove/)
    await guest.person.reads(/removed/)
    expect(await guest.person.page.locator('[data-board]').count()).toBe(0)
  })

  test('the host closes it for everyone; what was drawn is there afterwards', async () => {
    await host.person.button('Close the board').click()
    await host.person.choose(/^Close for everyone/)
    for (const one of [host, member]) {
      await expect.poll(() => one.person.page.locator('[data-board]').count()).toBe(0)
    }
    await member.person.button(/^Leave/).click()
    await member.person.reads('You left')
    const board = (await boards()).find(({ title }) => /Untitled/.test(title))
    await member.person.page.goto(`${server.url}/boards/${board?.id}`)
    await member.ready()
    await member.person.reads('View only')
    await shot(member, 'afterwards')
    const hers = await kenji.call<Board>('GET', `/boards/${board?.id}`)
    expect(hers.role).toBe('viewer')
  })
})
