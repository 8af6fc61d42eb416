import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { type Account, invite, type Meeting, makeCompany, startMeeting } from './harness/company'
import { Server } from './harness/server'

describe('chat of a meeting', () => {
  let server: Server
  let owner: Account
  let kenjiAccount: Account
  let meeting: Meeting
  let maya: Person
  let kenji: Person

  beforeAll(async () => {
    server = await Server.start()
    owner = await makeCompany(server)
    kenjiAccount = await invite(server, owner, 'Kenji Mori', 'kenji')
    meeting = await startMeeting(owner)
    maya = await Person.open({ url: server.url, account: owner })
    kenji = await Person.open({ url: server.url, account: kenjiAccount })
    await maya.join(meeting.code)
    await kenji.join(meeting.code)
    await maya.button(/^Chat/).click()
  })

  afterAll(async () => {
    await maya?.close()
    await kenji?.close()
    await server?.close()
  })

  const field = (person: Person) => person.page.getByRole('textbox', { name: /message|everyone/i })
  const bodies = (person: Person) =>
    person.page.locator('[data-message-id]').evaluateAll((all) => all.map((m) => m.textContent ?? ''))

  async function send(person: Person, text: string): Promise<void> {
    await field(person).fill(text)
    await field(person).press('Enter')
  }

  test('a message reaches the others and counts as unread until the panel opens', async () => {
    await send(maya, '口径写在附件第二页 https://example.com/a?b=1')
    await expect.poll(() => kenji.button(/^Chat/).textContent()).toContain('1')
    await kenji.button(/^Chat/).click()
    await kenji.page.getByText('口径写在附件第二页').waitFor()
    const link = kenji.page.getByRole('link', { name: 'https://example.com/a?b=1' })
    expect(await link.getAttribute('rel')).toContain('noopener')
  })

  test('markup is text', async () => {
    await send(kenji, '<img src=x onerror="document.title=1"><b>bold</b>')
    await maya.page.getByText('<b>bold</b>', { exact: false }).waitFor()
    expect(await maya.page.title()).not.toBe('1')
  })

  test('Enter while composing Chinese does not send', async () => {
    const before = (await bodies(maya)).length
    await field(maya).fill('ni hao')
    await field(maya).evaluate((element) => {
      const composing = { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }
      element.dispatchEvent(new KeyboardEvent('keydown', composing))
    })
    await maya.page.waitForTimeout(500)
    expect((await bodies(maya)).length).toBe(before)
    await field(maya).fill('')
  })

  test('what was said while somebody was offline comes once each, in order', async () => {
    const seen = (await bodies(kenji)).length
    await kenji.context.setOffline(true)
    for (let n = 1; n <= 5; n++) await send(maya, `line ${n}`)
    await send(kenji, 'said offline')
    await maya.page.getByText('line 5').waitFor()
    await kenji.context.setOffline(false)
    await kenji.page.getByText('line 5').waitFor({ timeout: 20_000 })
    await maya.page.getByText('said offline').waitFor({ timeout: 20_000 })
    await expect.poll(async () => (await bodies(kenji)).length).toBe(seen + 6)
    const lines = (await bodies(kenji)).map((b) => /line \d/.exec(b)?.[0]).filter(Boolean)
    expect(lines).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5'])
    expect((await bodies(maya)).filter((b) => b.includes('said offline')).length).toBe(1)
  })

  test('after the meeting the chat is still there for its members', async () => {
    const { items } = await kenjiAccount.call<{ items: { text: string }[] }>(
      'GET',
      `/conversations/${meeting.conversationId}/messages`,
    )
    expect(items.map((m) => m.text)).toContain('said offline')
  })
})
