import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Hand, installBoardWatch } from './harness/board'
import { launchChromium } from './harness/browsers'
import { Person } from './harness/call'
import { type Account, invite, makeCompany, startMeeting } from './harness/company'
import { seriousProblems } from './harness/look'
import { artifacts } from './harness/paths'
import { type Locale, looks, shoot, visitor } from './harness/screens'
import { Server } from './harness/server'

interface Board {
  id: string
  title: string
  createdAt: string
}

/** A sheet of sticky notes as Excalidraw saves it. */
function drawing(notes: readonly string[]) {
  const elements = notes.flatMap((text, at) => {
    const place = { x: (at % 4) * 240, y: Math.floor(at / 4) * 180 }
    const look = {
      angle: 0,
      strokeWidth: 2,
      opacity: 100,
      groupIds: [],
      seed: at + 1,
      version: 1,
      roughness: 1,
    }
    return [
      {
        ...look,
        ...place,
        id: `note${at}`,
        type: 'rectangle',
        width: 200,
        height: 140,
        strokeColor: '#1e1e1e',
        backgroundColor: ['#ffec99', '#b2f2bb', '#a5d8ff', '#ffc9c9'][at % 4],
        fillStyle: 'solid',
        strokeStyle: 'solid',
      },
      {
        ...look,
        id: `text${at}`,
        type: 'text',
        x: place.x + 16,
        y: place.y + 50,
        width: 168,
        height: 25,
        strokeColor: '#1e1e1e',
        backgroundColor: 'transparent',
        fillStyle: 'solid',
        strokeStyle: 'solid',
        text,
        originalText: text,
        fontSize: 20,
        fontFamily: 5,
        textAlign: 'left',
        verticalAlign: 'top',
        lineHeight: 1.25,
      },
    ]
  })
  return { type: 'excalidraw', version: 2, source: 'test', elements, appState: {}, files: {} }
}

const minuteOf = (at: Date) => Math.floor(at.getTime() / 60_000)

/** A colour as the page computes it. */
const rgbOf = (page: Page, colour: string) =>
  page.evaluate((value) => {
    const probe = document.body.appendChild(document.createElement('i'))
    probe.style.backgroundColor = value
    const computed = getComputedStyle(probe).backgroundColor
    probe.remove()
    return computed
  }, colour)

describe('boards', () => {
  let server: Server
  let owner: Account
  let yutong: Account
  let departmentId: string
  let flow: Board
  let interviews: Board
  let browser: Browser

  beforeAll(async () => {
    server = await Server.start()
    browser = await launchChromium({ builtinCameras: 1 })
    owner = await makeCompany(server, '王思远')
    yutong = await invite(server, owner, '陈雨桐', 'yutong')
    departmentId = (await owner.call<{ id: string }>('POST', '/departments', { name: '产品研发部' })).id
    const { user } = await owner.call<{ user: { id: string } }>('GET', '/me')
    await owner.call('PATCH', `/users/${user.id}`, { departmentIds: [departmentId] })
    interviews = await imported(owner, 'Customer interviews', ['Slow search', 'Loves boards', 'Needs export'])
    flow = await imported(owner, '报销流程梳理', [
      '发票上传',
      '部门负责人',
      '财务复核',
      '付款',
      'Expense report',
    ])
    const opened = [flow, interviews]
    for (const template of ['retrospective', 'kanban', 'brainstorm', 'flowchart']) {
      const place = template === 'kanban' ? { departmentId } : {}
      opened.push(await owner.call<Board>('POST', '/boards', { template, ...place }))
    }
    const old = await owner.call<Board>('POST', '/boards', { title: '旧版流程图' })
    await owner.call('DELETE', `/boards/${old.id}`)
    const hers = await imported(yutong, '华南巡店路线', ['广州', '深圳', '东莞'])
    const entries = [{ kind: 'person', id: user.id, role: 'viewer' }]
    await yutong.call('PUT', `/boards/${hers.id}/access`, { entries })
    const page = await open('/boards')
    for (const { id } of [...opened, hers]) {
      await page.goto(`${server.url}/boards/${id}`)
      await page.locator('.excalidraw canvas').first().waitFor()
    }
    await page.context().close()
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  async function imported(account: Account, title: string, notes: readonly string[]): Promise<Board> {
    const answer = await fetch(`${server.url}/api/v1/boards/import?title=${encodeURIComponent(title)}`, {
      method: 'POST',
      headers: {
        origin: server.url,
        cookie: `parley_session=${account.session}`,
        'content-type': 'application/vnd.excalidraw+json',
      },
      body: JSON.stringify(drawing(notes)),
    })
    if (!answer.ok) throw new Error(`import: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Board
  }

  async function open(path: string, account = owner, locale: Locale = 'en'): Promise<Page> {
    const context = await visitor(browser, server, 'desktop', locale, 'light', account)
    await context.addInitScript(installBoardWatch)
    const page = await context.newPage()
    await page.goto(server.url + path, { waitUntil: 'networkidle' })
    return page
  }

  /** The tools of Excalidraw itself are judged where they are tested. */
  const editor = '.excalidraw'
  const drawn = async (page: Page) => {
    await page.locator('.excalidraw canvas').first().waitFor()
    await page.waitForTimeout(600)
  }
  const card = (page: Page, title: string) => page.getByRole('article').filter({ hasText: title })

  async function choose(page: Page, title: string, act: string): Promise<void> {
    await page.getByRole('button', { name: `More for “${title}”` }).click()
    await page.getByRole('menuitem', { name: act, exact: true }).click()
  }

  describe('pages', () => {
    for (const [size, locale, theme] of looks) {
      test(`${size}, ${locale}, ${theme}`, async () => {
        for (const account of [owner, yutong]) await account.call('PATCH', '/me', { locale })
        const context = await visitor(browser, server, size, locale, theme, owner)
        const look = `${size}-${locale}-${theme}`
        const to = (path: string) => server.url + path
        await shoot(context, to('/boards'), `boards-${look}`)
        await shoot(context, to('/boards?view=department'), `boards-department-${look}`)
        await shoot(context, to('/boards?view=shared'), `boards-shared-${look}`)
        await shoot(context, to('/boards?view=trash'), `boards-trash-${look}`)
        await shoot(context, to(`/boards?q=${encodeURIComponent('发票')}`), `boards-search-${look}`)
        await shoot(context, to('/boards?q=nowhere'), `boards-nothing-${look}`)
        await shoot(context, to('/boards'), `boards-menu-${look}`, async (page) => {
          await page.getByRole('article').first().getByRole('button').click()
        })
        await shoot(context, to('/boards'), `boards-templates-${look}`, async (page) => {
          await page.locator('.bd-new').click()
          await page.getByRole('menuitem').nth(1).click()
          await page.getByRole('dialog').getByRole('img').or(page.locator('.bd-template')).first().waitFor()
        })
        await shoot(context, to('/boards?view=mine'), `boards-share-${look}`, async (page) => {
          await page.getByRole('article').filter({ hasText: flow.title }).getByRole('button').click()
          await page.getByRole('menuitem').nth(1).click()
          await page.locator('.bd-access').waitFor()
        })
        await shoot(context, to(`/boards/${flow.id}`), `board-${look}`, drawn, editor)
        await shoot(context, to(`/boards/${flow.id}/history`), `board-history-${look}`, drawn, editor)
        await shoot(context, to('/boards/0197a1b2-0000-7000-8000-000000000000'), `board-gone-${look}`)
        await context.close()
        const hers = await visitor(browser, server, size, locale, theme, yutong)
        await shoot(hers, to('/boards?view=shared'), `boards-empty-${look}`)
        await hers.close()
      })
    }
  })

  describe('in a meeting', () => {
    for (const size of ['desktop', 'phone'] as const) {
      test(`on a ${size}`, async () => {
        await owner.call('PATCH', '/me', { locale: 'en' })
        const phone = size === 'phone'
        const meeting = await startMeeting(owner)
        const host = await Person.open({ url: server.url, browser, account: owner, phone })
        const { page } = host
        await host.join(meeting.code)
        await owner.call('POST', `/meetings/${meeting.id}/boards`, { template: 'kanban' })
        await owner.call('POST', `/meetings/${meeting.id}/boards`, { boardId: flow.id })
        await page.locator(`[data-board="${flow.id}"] canvas`).first().waitFor()
        await keep(page, `board-stage-${size}`)
        await page.getByLabel(phone ? 'More' : 'Board', { exact: true }).click()
        await page.getByRole('menuitemradio', { name: 'Kanban' }).waitFor()
        await keep(page, `board-stage-menu-${size}`)
        await page.keyboard.press('Escape')
        await page.getByRole('button', { name: 'Close the board' }).click()
        await page.getByRole('menuitem', { name: /Close for everyone/ }).click()
        await expect.poll(() => page.locator(`[data-board="${flow.id}"]`).count()).toBe(0)
        await page.getByRole('button', { name: 'Leave' }).click()
        await page.getByRole('menuitem').first().click()
        await page.getByRole('link', { name: flow.title }).waitFor()
        await keep(page, `board-left-${size}`)
        await host.close()
      })
    }

    async function keep(page: Page, name: string): Promise<void> {
      await page.waitForTimeout(600)
      await page.screenshot({ path: `${artifacts}/${name}.png` })
      expect(await seriousProblems(page, editor), name).toEqual([])
    }
  })

  describe('acts', () => {
    beforeAll(async () => {
      for (const account of [owner, yutong]) await account.call('PATCH', '/me', { locale: 'en' })
    })

    test('a board is renamed, duplicated, and found by what stands on it', async () => {
      const page = await open('/boards?view=mine')
      await choose(page, 'Customer interviews', 'Rename')
      await page.getByRole('textbox', { name: 'Title', exact: true }).fill('Interviews in May')
      await page.keyboard.press('Enter')
      await card(page, 'Interviews in May').waitFor()
      await choose(page, 'Interviews in May', 'Duplicate')
      await expect.poll(() => card(page, 'Interviews in May').count()).toBe(2)
      await page.getByRole('searchbox').fill('loves')
      await page.waitForURL(/q=loves/)
      await expect.poll(() => page.locator('.bd-card mark').first().textContent()).toBe('Loves')
      await expect.poll(() => page.getByRole('article').count()).toBe(2)
      await page.context().close()
    })

    test('a deleted board comes back from the toast and from the trash, and leaves for good', async () => {
      const { title } = await imported(owner, 'Draft to delete', ['x'])
      const page = await open('/boards?view=mine')
      await choose(page, title, 'Delete')
      await expect.poll(() => card(page, title).count()).toBe(0)
      await page.getByRole('button', { name: 'Undo' }).click()
      await card(page, title).waitFor()
      await choose(page, title, 'Delete')
      await expect.poll(() => card(page, title).count()).toBe(0)
      await page.getByRole('link', { name: 'Trash' }).click()
      await page.getByRole('button', { name: `Restore “${title}”` }).click()
      await expect.poll(() => card(page, title).count()).toBe(0)
      await page.getByRole('link', { name: 'My boards' }).click()
      await choose(page, title, 'Delete')
      await expect.poll(() => card(page, title).count()).toBe(0)
      await page.getByRole('link', { name: 'Trash' }).click()
      await choose(page, title, 'Delete for good')
      await page.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).click()
      await expect.poll(() => card(page, title).count()).toBe(0)
      const { items } = await owner.call<{ items: Board[] }>('GET', '/boards?filter=trash')
      expect(items.map((board) => board.title)).not.toContain(title)
      await page.context().close()
    })

    test('a board is shared with a person, whose role changes and ends', async () => {
      const plan = await imported(owner, 'Shared plan', ['Goal'])
      const page = await open('/boards?view=mine')
      await choose(page, plan.title, 'Share')
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('combobox', { name: 'Add people or departments' }).fill('yutong')
      await page.locator('.ant-select-item-option').filter({ hasText: '陈雨桐' }).click()
      await page.keyboard.press('Escape')
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await dialog.getByRole('button', { name: '陈雨桐: Can edit' }).click()
      await page.getByRole('menuitemradio', { name: 'Can view' }).click()
      await dialog.getByRole('button', { name: '陈雨桐: Can view' }).waitFor()
      await expect
        .poll(() => yutong.call<{ role: string }>('GET', `/boards/${plan.id}`).then(({ role }) => role))
        .toBe('viewer')
      const hers = await open('/boards?view=shared', yutong)
      await card(hers, plan.title).getByText('View only').waitFor()
      await dialog.getByRole('button', { name: '陈雨桐: Can view' }).click()
      await page.getByRole('menuitem', { name: 'Remove' }).click()
      await expect
        .poll(() =>
          yutong.call('GET', `/boards/${plan.id}`).then(
            () => true,
            () => false,
          ),
        )
        .toBe(false)
      await hers.goto(`${server.url}/boards/${plan.id}`)
      await hers.getByRole('heading', { name: 'There is no such board for you' }).waitFor()
      await hers.context().close()
      await page.context().close()
    })

    const share = (board: Board, entries: object[]) =>
      owner.call('PUT', `/boards/${board.id}/access`, { entries })
    const idOf = async (account: Account) =>
      (await account.call<{ user: { id: string } }>('GET', '/me')).user.id

    test('lists follow what others do, without a reload', async () => {
      const hers = await open('/boards?view=shared', yutong)
      const board = await imported(owner, 'Warehouse sketch', ['Dock'])
      const entries = [{ kind: 'person', id: await idOf(yutong), role: 'editor' }]
      await share(board, entries)
      await card(hers, 'Warehouse sketch').waitFor()
      await owner.call('PATCH', `/boards/${board.id}`, { title: 'Warehouse plan' })
      await card(hers, 'Warehouse plan').waitFor()
      const picture = () => card(hers, 'Warehouse plan').locator('img').getAttribute('src')
      const before = await picture()
      const page = await open(`/boards/${board.id}`)
      const hand = new Hand(page)
      await drawn(page)
      await hand.draw('r', [600, 700], [800, 800])
      await expect.poll(picture).not.toBe(before)
      await share(board, [])
      await expect.poll(() => card(hers, 'Warehouse plan').count()).toBe(0)
      await share(board, entries)
      await card(hers, 'Warehouse plan').waitFor()
      await owner.call('DELETE', `/boards/${board.id}`)
      await expect.poll(() => card(hers, 'Warehouse plan').count()).toBe(0)
      await owner.call('POST', `/boards/${board.id}/restore`)
      await card(hers, 'Warehouse plan').waitFor()
      await hers.context().close()
      await page.context().close()
    })

    for (const locale of ['en', 'zh-CN'] as const) {
      test(`who loses a board keeps what was typed to read, and is told so: ${locale}`, async () => {
        await yutong.call('PATCH', '/me', { locale })
        const board = await imported(owner, `Salaries ${locale}`, ['Grade 7'])
        await share(board, [{ kind: 'person', id: await idOf(yutong), role: 'editor' }])
        const page = await open(`/boards/${board.id}`, yutong, locale)
        const hand = new Hand(page)
        await drawn(page)
        await hand.write([700, 600], 'already sent')
        await expect.poll(() => hand.sent()).toBeGreaterThan(0)
        await hand.press('t')
        await hand.click([700, 700])
        await page.locator('textarea.excalidraw-wysiwyg').waitFor()
        await page.keyboard.type('still being typed')
        await share(board, [])
        await page
          .getByRole('alert')
          .getByText(/Your access to this board was taken away|访问权限已被取消/)
          .waitFor()
        await expect.poll(() => page.locator('[data-testid="toolbar-rectangle"]').count()).toBe(0)
        const texts = (await hand.elements()).map(({ text }) => text)
        expect(texts).toEqual(
          expect.arrayContaining(['Grade 7', 'already sent', expect.stringContaining('still being typed')]),
        )
        await page.screenshot({ path: `${artifacts}/board-lost-${locale}.png` })
        expect(await seriousProblems(page, editor)).toEqual([])
        await page.getByRole('button', { name: /^Try again$|^重试$/ }).click()
        await page.getByText(/You can no longer open this board|您无法再打开这个白板/).waitFor()
        await page.context().close()
        await yutong.call('PATCH', '/me', { locale: 'en' })
      })
    }

    test('an earlier state comes back, is undone, and begins another board', async () => {
      const page = await open(`/boards/${interviews.id}`)
      const hand = new Hand(page)
      await drawn(page)
      const before = (await hand.kinds()).length
      // The history holds a state for each minute in which somebody drew.
      await expect.poll(() => minuteOf(new Date())).not.toBe(minuteOf(new Date(interviews.createdAt)))
      await hand.draw('o', [1100, 700], [1250, 800])
      await expect.poll(async () => (await hand.kinds()).length).toBe(before + 1)
      await page.getByRole('button', { name: 'More for' }).click()
      await page.getByRole('menuitem', { name: 'History', exact: true }).click()
      const changes = page.getByRole('navigation', { name: 'Changes' }).getByRole('button')
      await expect.poll(() => changes.count()).toBeGreaterThan(1)
      expect(await page.getByRole('button', { name: 'Restore', exact: true }).isDisabled()).toBe(true)
      await changes.last().click()
      await drawn(page)
      await page.screenshot({ path: `${artifacts}/board-history-earlier.png` })
      await page.getByRole('button', { name: 'Restore', exact: true }).click()
      await page.waitForURL(`${server.url}/boards/${interviews.id}`)
      await drawn(page)
      await expect.poll(async () => (await hand.kinds()).length).toBe(before)
      await page.screenshot({ path: `${artifacts}/board-restored.png` })
      await page.getByRole('button', { name: 'Undo' }).last().click()
      await expect.poll(async () => (await hand.kinds()).length).toBe(before + 1)
      await page.goto(`${server.url}/boards/${interviews.id}/history`)
      await expect.poll(() => changes.count()).toBeGreaterThan(1)
      await changes.last().click()
      await page.getByRole('button', { name: 'Copy from here' }).click()
      await page.waitForURL(
        (url) => /boards\/[0-9a-f-]{36}$/.test(url.pathname) && !url.pathname.includes(interviews.id),
      )
      await drawn(page)
      expect((await hand.kinds()).length).toBe(before)
      await page.screenshot({ path: `${artifacts}/board-copied.png` })
      await page.context().close()
    })

    test('who has opened no board is shown those that can be opened', async () => {
      const zoe = await invite(server, owner, 'Zoe Novak', 'zoe')
      const page = await open('/boards', zoe)
      await page.getByRole('heading', { name: 'You have not opened a board yet' }).waitFor()
      const board = await imported(owner, 'Welcome to everyone', ['Hello'])
      await share(board, [{ kind: 'everyone', role: 'viewer' }])
      await card(page, 'Welcome to everyone').waitFor()
      await page.getByText(/These you may open/).waitFor()
      await page.screenshot({ path: `${artifacts}/boards-recent-none.png` })
      expect(await seriousProblems(page)).toEqual([])
      await page.context().close()
    })

    test('the boards of a disabled account are handed over, and one is taken over', async () => {
      const lea = await invite(server, owner, 'Lea Sommer', 'lea')
      const plan = await lea.call<Board>('POST', '/boards', { title: 'Lea’s plan' })
      await lea.call('PUT', `/boards/${plan.id}/access`, { entries: [{ kind: 'everyone', role: 'editor' }] })
      await lea.call<Board>('POST', '/boards', { title: 'Lea’s own' })
      await owner.call('PATCH', `/users/${await idOf(lea)}`, { disabled: true })
      const page = await open(`/boards/${plan.id}`)
      await drawn(page)
      await page.getByRole('button', { name: 'Share', exact: true }).click()
      await page.getByText(/account of Lea Sommer, who owns the board, is disabled/).waitFor()
      await page.screenshot({ path: `${artifacts}/board-take-over.png` })
      expect(await seriousProblems(page, editor)).toEqual([])
      await page.getByRole('button', { name: 'Take over' }).click()
      await page.getByRole('combobox', { name: 'Add people or departments' }).waitFor()
      expect((await owner.call<{ role: string }>('GET', `/boards/${plan.id}`)).role).toBe('owner')
      await page.goto(`${server.url}/admin/people`)
      await page.getByRole('button', { name: 'Actions for Lea Sommer' }).click()
      await page.getByRole('menuitem', { name: 'Hand over boards' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('combobox', { name: 'New owner' }).waitFor()
      expect(await seriousProblems(page)).toEqual([])
      await dialog.getByRole('combobox', { name: 'New owner' }).fill('yutong')
      await page.locator('.ant-select-item-option').filter({ hasText: '陈雨桐' }).click()
      await page.waitForTimeout(400)
      await page.screenshot({ path: `${artifacts}/boards-hand-over.png` })
      await dialog.getByRole('button', { name: 'Hand over', exact: true }).click()
      await page.getByText('1 board now belongs to 陈雨桐').waitFor()
      const hers = await yutong.call<{ items: Board[] }>('GET', '/boards?filter=mine')
      expect(hers.items.map(({ title }) => title)).toContain('Lea’s own')
      await page.context().close()
    })

    test('a board is taken out in our colours, and Escape goes back to it', async () => {
      const page = await open(`/boards/${flow.id}`)
      await drawn(page)
      await page.getByTestId('main-menu-trigger').click()
      await page.getByTestId('image-export-button').click()
      const dialog = page.locator('.excalidraw-modal-container [role=dialog]')
      await dialog.waitFor()
      await page.waitForTimeout(600)
      await page.screenshot({ path: `${artifacts}/board-export.png` })
      const [accent, button] = await dialog.evaluate((node) => [
        getComputedStyle(document.documentElement).getPropertyValue('--brand').trim(),
        getComputedStyle(node.querySelector('.ExcButton--color-primary') ?? node).backgroundColor,
      ])
      expect(button).toBe(await rgbOf(page, accent ?? ''))
      await page.keyboard.press('Escape')
      await expect.poll(() => dialog.count()).toBe(0)
      await page.context().close()
    })

    test('a board is made of a template with the keyboard, and opens', async () => {
      const page = await open('/boards?view=mine')
      await page.getByRole('button', { name: 'New board' }).press('Enter')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await page.getByRole('radio', { name: 'Kanban' }).check()
      await page.getByRole('textbox', { name: /^Title/ }).fill('Sprint 12')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/boards\/[0-9a-f-]{36}$/)
      await expect.poll(() => page.title()).toContain('Sprint 12')
      await page.context().close()
    })

    test('a file of Excalidraw is imported, and one that is none is refused in words', async () => {
      const page = await open('/boards?view=mine')
      const file = (name: string, text: string) => ({
        name,
        mimeType: 'application/json',
        buffer: Buffer.from(text),
      })
      const input = page.locator('input[type=file]').first()
      await input.setInputFiles(file('broken.excalidraw', 'no board'))
      await page.locator('.toasts .note').first().waitFor()
      expect(new URL(page.url()).pathname).toBe('/boards')
      await input.setInputFiles(file('Warehouse.excalidraw', JSON.stringify(drawing(['Dock', 'Rack']))))
      await page.waitForURL(/\/boards\/[0-9a-f-]{36}$/)
      await expect.poll(() => page.title()).toContain('Warehouse')
      await page.context().close()
    })
  })
})
