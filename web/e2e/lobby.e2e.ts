import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from './harness/browsers'
import { Person } from './harness/call'
import { type Account, type Meeting, twoMembers } from './harness/company'
import { Server } from './harness/server'

describe('who comes in, and who does not', () => {
  let server: Server
  let owner: Account
  let meeting: Meeting
  let plain: Browser
  let maya: Person
  let kenji: Person
  let daniel: Person

  beforeAll(async () => {
    server = await Server.start()
    const members = await twoMembers(server, { lobby: true })
    ;({ owner, meeting } = members)
    plain = await launchChromium()
    maya = await Person.open({ url: server.url, account: owner, identity: 1 })
    daniel = await Person.open({ url: server.url, identity: 3 })
    kenji = await Person.open({ url: server.url, account: members.second, browser: plain })
  })

  afterAll(async () => {
    await Promise.all([maya?.close(), daniel?.close(), plain?.close()])
    await server?.close()
  })

  const waiting = () => maya.page.getByRole('region', { name: 'Lobby' })

  test('a guest waits in a lobby that was there before the host', async () => {
    await daniel.enter(meeting.code, 'Daniel Park')
    await daniel.reads('The host will let you in')
    await maya.join(meeting.code)
    await maya.button(/^People/).click()
    await waiting().getByText('Waiting in the lobby · 1').waitFor()
    await maya.button('Admit Daniel Park').click()
    await daniel.onStage()
    await daniel.sees('Maya Chen', 1)
    await maya.sees('Daniel Park', 3)
  })

  test('who reloads the page in the lobby goes on waiting in the same place', async () => {
    await kenji.enter(meeting.code)
    await waiting().getByText('Kenji Mori').waitFor()
    await kenji.page.reload()
    await kenji.reads('The host will let you in')
    await expect.poll(() => waiting().getByRole('listitem').count()).toBe(1)
    await maya.button('Admit Kenji Mori').click()
    await kenji.onStage()
  })

  test('who is refused is told so, and cannot knock again at once', async () => {
    const stranger = await Person.open({ url: server.url, browser: plain })
    await stranger.enter(meeting.code, 'Eve Stranger')
    await maya.button('Deny Eve Stranger').click()
    await stranger.reads('You were not let in')
    await waiting().waitFor({ state: 'detached' })
    await stranger.button('Ask again').click()
    await stranger.button('Ask to join').click()
    await stranger.reads(/^Too many attempts/)
    await stranger.close()
  })

  test('all who wait are let in at once', async () => {
    const guests = await Promise.all(
      ['Ana Ruiz', '李静'].map(async (name) => {
        const guest = await Person.open({ url: server.url, browser: plain })
        await guest.enter(meeting.code, name)
        return guest
      }),
    )
    await waiting().getByText('Waiting in the lobby · 2').waitFor()
    await maya.button('Admit all').click()
    await Promise.all(guests.map((guest) => guest.onStage()))
    await expect.poll(() => maya.tiles().count()).toBe(5)
    await Promise.all(guests.map((guest) => guest.leave()))
    await expect.poll(() => maya.tiles().count()).toBe(3)
    await Promise.all(guests.map((guest) => guest.close()))
  })

  test('a locked meeting lets nobody in', async () => {
    const late = await Person.open({ url: server.url, browser: plain })
    await maya.button('Lock').click()
    await maya.button('Unlock').waitFor()
    await late.enter(meeting.code, 'Late Larry')
    await late.reads(/^The host has locked the meeting/)
    await maya.button('Unlock').click()
    await late.close()
  })

  test('where guests are not allowed they are asked to sign in', async () => {
    const visitor = await Person.open({ url: server.url, browser: plain })
    await maya.toggleRule('Guests')
    await visitor.visit(meeting.code)
    await visitor.reads('This meeting is for members only')
    await maya.toggleRule('Guests')
    await visitor.close()
  })

  test('who was removed is told, and waits in the lobby if he comes back', async () => {
    await maya.act('Daniel Park', 'Remove from the meeting')
    await maya.confirm('Remove from the meeting')
    await daniel.reads('You were removed from the meeting')
    await expect.poll(() => maya.tiles().count()).toBe(2)
    await daniel.button('Ask again').click()
    await daniel.button('Ask to join').click()
    await waiting().getByText('Daniel Park').waitFor()
    await daniel.button('Leave the lobby').click()
    await daniel.reads('You left the meeting')
    await waiting().waitFor({ state: 'detached' })
  })

  test('when the host leaves, who has been there longest takes over until the organizer is back', async () => {
    await maya.leave()
    await kenji.reads('You are now the host')
    await maya.button('Join again').click()
    await maya.button('Join').click()
    await maya.onStage()
    await kenji.button(/^People/).click()
    await expect.poll(() => kenji.row('Maya Chen').textContent()).toContain('Host')
    await expect.poll(() => kenji.row('Kenji Mori').textContent()).toContain('Co-host')
  })

  test('attendance is kept, and can be taken along as a table', async () => {
    const { items } = await owner.call<{ items: { name: string; leftAt?: string }[] }>(
      'GET',
      `/meetings/${meeting.id}/attendance`,
    )
    expect(new Set(items.map((i) => i.name))).toEqual(
      new Set(['Maya Chen', 'Daniel Park', 'Ana Ruiz', '李静', 'Kenji Mori']),
    )
    const present = items.filter((i) => !i.leftAt).map((i) => i.name)
    expect(new Set(present)).toEqual(new Set(['Maya Chen', 'Kenji Mori']))

    await maya.leave(true)
    await kenji.reads('The meeting has ended')
    const coming = maya.page.waitForEvent('download')
    await maya.page.getByRole('link', { name: /^Attendance list/ }).click()
    const table = await readText(await (await coming).createReadStream())
    expect(table.startsWith('\ufeff')).toBe(true)
    expect(table).toContain('李静')
    expect(table.split('\n').filter((line) => line.includes('Maya Chen')).length).toBe(2)
  })
})

async function readText(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
