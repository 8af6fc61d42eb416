import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { type Account, invite, type Meeting, makeCompany, startMeeting } from './harness/company'
import { Server } from './harness/server'

describe('lobby and moderation', () => {
  let server: Server
  let owner: Account
  let kenjiAccount: Account
  let meeting: Meeting
  let maya: Person
  let kenji: Person
  let daniel: Person

  beforeAll(async () => {
    server = await Server.start()
    owner = await makeCompany(server)
    kenjiAccount = await invite(server, owner, 'Kenji Mori', 'kenji')
    meeting = await startMeeting(owner, { lobby: true })
    maya = await Person.open({ url: server.url, account: owner, identity: 1 })
    kenji = await Person.open({ url: server.url, account: kenjiAccount, identity: 2 })
    daniel = await Person.open({ url: server.url, identity: 3 })
  })

  afterAll(async () => {
    await Promise.all([maya, kenji, daniel].map((p) => p?.close()))
    await server?.close()
  })

  test('a guest waits in a lobby that was there before the host', async () => {
    await daniel.enter(meeting.code, 'Daniel Park')
    await daniel.page
      .getByText(/let(s)? you in/)
      .first()
      .waitFor()
    await maya.join(meeting.code)
    await maya.button(/^People/).click()
    await maya.page.getByText('Waiting in the lobby').waitFor()
    await maya.button('Admit Daniel Park').click()
    await daniel.onStage()
    await daniel.sees('Maya Chen', 1)
    await maya.sees('Daniel Park', 3)
  })

  test('who is refused is told so', async () => {
    await kenji.enter(meeting.code)
    await maya.button('Deny Kenji Mori').click()
    await kenji.page
      .getByText(/did not let you in|not admitted|turned/i)
      .first()
      .waitFor()
    await maya.page.getByText('Waiting in the lobby').waitFor({ state: 'detached' })
  })

  test('the host mutes a participant, who is told and can unmute', async () => {
    await menu(maya, 'Daniel Park', /^Mute/)
    await daniel.page
      .getByText(/muted you/)
      .first()
      .waitFor()
    await expect.poll(() => daniel.button(/^Unmute/).count()).toBeGreaterThan(0)
    await expect.poll(async () => Object.keys(await maya.tones()).length, { timeout: 15_000 }).toBe(0)
  })

  test('hands go up in order', async () => {
    await daniel.page.keyboard.press('h')
    await maya.page.getByText('Raised hands').waitFor()
  })

  test('a locked meeting lets nobody in', async () => {
    await maya.button(/^Lock/).click()
    await kenji.visit(meeting.code)
    await kenji.page
      .getByText(/locked/i)
      .first()
      .waitFor()
    await maya.button(/^Unlock/).click()
  })

  test('who was removed is told, and waits in the lobby if he comes back', async () => {
    await menu(maya, 'Daniel Park', /^Remove/)
    await maya.page
      .getByRole('dialog')
      .getByRole('button', { name: /^Remove/ })
      .click()
    await daniel.page
      .getByText(/removed/i)
      .first()
      .waitFor()
    await expect
      .poll(() => maya.page.locator('[data-participant-id]', { hasText: 'Daniel Park' }).count())
      .toBe(0)
  })

  test('when the host leaves, the longest-present member takes over', async () => {
    await kenji.enter(meeting.code)
    await maya.button('Admit Kenji Mori').click()
    await kenji.onStage()
    await maya.button(/^Leave/).click()
    await maya.page
      .getByRole('menuitem', { name: /^Leave/ })
      .first()
      .click()
    await kenji.page
      .getByText(/You are (now )?the host/i)
      .first()
      .waitFor()
  })

  test('attendance is kept', async () => {
    const { items } = await owner.call<{ items: { name: string; leftAt?: string }[] }>(
      'GET',
      `/meetings/${meeting.id}/attendance`,
    )
    const present = items.filter((i) => !i.leftAt).map((i) => i.name)
    expect(new Set(items.map((i) => i.name))).toEqual(new Set(['Maya Chen', 'Daniel Park', 'Kenji Mori']))
    expect(present).toEqual(['Kenji Mori'])
  })
})

/** Chooses an entry of a participant's menu in the people panel. */
async function menu(host: Person, name: string, entry: RegExp): Promise<void> {
  await host.button(`More for ${name}`).click()
  await host.page.getByRole('menuitem', { name: entry }).first().click()
}
