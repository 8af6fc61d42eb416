import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from './harness/browsers'
import { Network, Person } from './harness/call'
import { type Account, invite, type Meeting, makeCompany, startMeeting } from './harness/company'
import { Server } from './harness/server'

describe('chat of a meeting', () => {
  let server: Server
  let kenjiAccount: Account
  let meeting: Meeting
  let browser: Browser
  let maya: Person
  let kenji: Person
  let daniel: Person
  let network: Network

  beforeAll(async () => {
    server = await Server.start()
    const owner = await makeCompany(server)
    kenjiAccount = await invite(server, owner, 'Kenji Mori', 'kenji')
    const { user } = await kenjiAccount.call<{ user: { id: string } }>('GET', '/me')
    meeting = await startMeeting(owner, {
      startsAt: new Date(Date.now() + 3_600_000).toISOString(),
      durationMinutes: 30,
      timezone: 'Asia/Shanghai',
      inviteeIds: [user.id],
    })
    browser = await launchChromium()
    const url = server.url
    maya = await Person.open({ url, browser, account: owner })
    kenji = await Person.open({ url, browser, account: kenjiAccount })
    network = await Network.of(kenji)
    daniel = await Person.open({ url, browser })
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  const field = (person: Person) => person.page.getByRole('textbox', { name: 'Message everyone' })
  const messages = (person: Person) => person.page.locator('li[id^="message-"]')
  const message = (person: Person, text: string) => messages(person).filter({ hasText: text }).last()
  const chatButton = (person: Person) => person.button(/^Chat/)

  async function send(person: Person, text: string): Promise<void> {
    await field(person).fill(text)
    await field(person).press('Enter')
  }

  /** Uses a button that a message shows under the pointer. */
  async function on(person: Person, text: string, button: 'React' | 'More'): Promise<void> {
    await message(person, text).hover()
    await message(person, text).getByRole('button', { name: button }).click()
  }

  test('who is invited writes before the meeting, on its page', async () => {
    await kenji.page.goto(`${server.url}/meetings/${meeting.id}`)
    await send(kenji, 'I bring the figures')
    await message(kenji, 'I bring the figures').waitFor()
    await maya.join(meeting.code)
    await chatButton(maya).click()
    await message(maya, 'I bring the figures').waitFor()
    await kenji.join(meeting.code)
  })

  test('a message reaches the others and counts as unread until the panel opens', async () => {
    await send(maya, '口径写在附件第二页 https://example.com/a?b=1')
    await expect.poll(() => chatButton(kenji).getAttribute('aria-label')).toMatch(/^Chat, 1 new/)
    await chatButton(kenji).click()
    await message(kenji, '口径写在附件第二页').waitFor()
    await expect.poll(() => chatButton(kenji).getAttribute('aria-label')).toMatch(/^Chat \(/)
    const link = kenji.page.getByRole('link', { name: 'https://example.com/a?b=1' })
    expect(await link.getAttribute('rel')).toContain('noopener')
  })

  test('markup is text', async () => {
    await send(kenji, '<img src=x onerror="document.title=1"><b>bold</b>')
    await message(maya, '<b>bold</b>').waitFor()
    expect(await maya.page.title()).not.toBe('1')
  })

  test('Enter while composing Chinese does not send', async () => {
    const before = await messages(maya).count()
    await field(maya).fill('ni hao')
    await field(maya).evaluate((element) => {
      const composing = { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }
      element.dispatchEvent(new KeyboardEvent('keydown', composing))
    })
    await maya.page.waitForTimeout(300)
    expect(await messages(maya).count()).toBe(before)
    expect(await field(maya).inputValue()).toBe('ni hao')
    await field(maya).fill('')
  })

  test('a reply shows what it answers', async () => {
    await on(maya, 'I bring the figures', 'More')
    await maya.choose('Reply')
    await send(maya, 'Thank you!')
    const quote = message(kenji, 'Thank you!').getByRole('button', { name: /Kenji Mori/ })
    expect(await quote.textContent()).toContain('I bring the figures')
  })

  test('reactions are counted, and taken back', async () => {
    await on(kenji, 'Thank you!', 'React')
    await kenji.button('Emoji 🎉').click()
    const chip = (person: Person) =>
      message(person, 'Thank you!').locator('button[aria-pressed]').filter({ hasText: '🎉' })
    await chip(maya).click()
    await expect.poll(() => chip(kenji).textContent()).toContain('2')
    await chip(kenji).click()
    await expect.poll(() => chip(maya).textContent()).toContain('1')
  })

  test('what is mentioned is completed from the people who are there', async () => {
    await field(maya).pressSequentially('@Ken')
    await maya.page.getByRole('option', { name: 'Kenji Mori' }).click()
    await field(maya).pressSequentially(' please look')
    await field(maya).press('Enter')
    await message(kenji, '@Kenji Mori please look').waitFor()
  })

  test('a recalled message is gone for all, and its author may write it anew', async () => {
    await send(kenji, 'the wrong number is 41')
    await message(maya, 'the wrong number is 41').waitFor()
    await on(kenji, 'the wrong number is 41', 'More')
    await kenji.choose('Recall')
    await maya.reads('Kenji Mori recalled a message')
    await expect.poll(() => message(maya, 'the wrong number is 41').count()).toBe(0)
    await kenji.button('Edit again').click()
    await expect.poll(() => field(kenji).inputValue()).toBe('the wrong number is 41')
    await field(kenji).fill('')
  })

  test('a guest reads and writes while he is there; a host closes and opens the chat', async () => {
    await daniel.join(meeting.code, 'Daniel Park')
    await chatButton(daniel).click()
    await send(daniel, 'hello from outside')
    await message(maya, 'hello from outside').getByText('Guest', { exact: true }).waitFor()
    await maya.toggleRule('Chat')
    await daniel.reads('The host has closed the chat.')
    await expect.poll(() => field(daniel).count()).toBe(0)
    await send(maya, 'only hosts now')
    await message(daniel, 'only hosts now').waitFor()
    await maya.toggleRule('Chat')
    await field(daniel).waitFor()
  })

  test('what was said while somebody was offline comes once each, in order', async () => {
    const seen = await messages(kenji).count()
    await network.cut()
    await kenji.reads('You are offline')
    for (let n = 1; n <= 5; n++) await send(maya, `line ${n}`)
    await send(kenji, 'said offline')
    await message(maya, 'line 5').waitFor()
    expect(await messages(kenji).count()).toBe(seen)
    await network.heal()
    await message(kenji, 'line 5').waitFor()
    await message(maya, 'said offline').waitFor()
    await expect.poll(() => messages(kenji).count()).toBe(seen + 6)
    const lines = (await messages(kenji).allTextContents()).map((b) => /line \d/.exec(b)?.[0]).filter(Boolean)
    expect(lines).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5'])
    expect(await messages(maya).filter({ hasText: 'said offline' }).count()).toBe(1)
  })

  test('after the meeting its members go on, and guests do not', async () => {
    await maya.leave(true)
    await daniel.reads('The meeting has ended')
    expect(await daniel.page.getByRole('link', { name: /^Meeting chat/ }).count()).toBe(0)
    const asked = await daniel.page.request.get(
      `${server.url}/api/v1/conversations/${meeting.conversationId}/messages`,
    )
    expect(asked.status()).toBeGreaterThanOrEqual(400)
    await kenji.page.getByRole('link', { name: /^Meeting chat/ }).click()
    await message(kenji, 'said offline').waitFor()
    await send(kenji, 'after the meeting')
    await message(kenji, 'after the meeting').waitFor()
    await maya.page.getByRole('link', { name: /^Meeting chat/ }).click()
    await message(maya, 'after the meeting').waitFor()
  })
})
