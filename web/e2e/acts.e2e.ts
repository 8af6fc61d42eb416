import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from './harness/browsers'
import { Person } from './harness/call'
import { type Meeting, twoMembers } from './harness/company'
import { Server } from './harness/server'

describe('what one does in a meeting', () => {
  let server: Server
  let meeting: Meeting
  let plain: Browser
  /** The host, with a camera and a microphone that is never silent for long. */
  let maya: Person
  /** A member, likewise. */
  let kenji: Person
  /** A guest without devices. */
  let daniel: Person

  beforeAll(async () => {
    server = await Server.start()
    const url = server.url
    const members = await twoMembers(server)
    meeting = members.meeting
    plain = await launchChromium()
    maya = await Person.open({ url, account: members.owner, identity: 1 })
    kenji = await Person.open({ url, account: members.second, identity: 2 })
    daniel = await Person.open({ url, browser: plain })
    await maya.join(meeting.code)
    await kenji.join(meeting.code)
    await daniel.join(meeting.code, 'Daniel Park')
    await maya.button(/^People/).click()
  })

  afterAll(async () => {
    await Promise.all([maya?.close(), kenji?.close(), plain?.close()])
    await server?.close()
  })

  const microphone = (person: Person) => person.page.getByRole('button', { name: /^(Mute|Unmute) \(M\)$/ })
  const isMuted = async (person: Person) =>
    (await microphone(person).getAttribute('aria-label'))?.startsWith('Unmute')
  const heard = async (person: Person) => Object.keys(await person.tones(900)).length

  test('the host mutes somebody, who is told; asked to unmute, he is heard again', async () => {
    await expect.poll(() => heard(maya)).toBe(1)
    await maya.act('Kenji Mori', /^Mute$/)
    await kenji.reads('Maya Chen muted you')
    await expect.poll(() => isMuted(kenji)).toBe(true)
    await expect.poll(() => heard(maya)).toBe(0)
    await maya.act('Kenji Mori', 'Ask to unmute')
    await kenji.reads('Maya Chen asks you to unmute')
    await kenji.page.getByRole('button', { name: 'Unmute', exact: true }).last().click()
    await expect.poll(() => heard(maya)).toBe(1)
  })

  test('who speaks while muted is told so', async () => {
    await kenji.page.keyboard.press('m')
    await kenji.reads('You are muted: nobody hears you')
    await kenji.page.keyboard.press('m')
    await expect.poll(() => isMuted(kenji)).toBe(false)
    await expect.poll(() => kenji.page.getByText('You are muted: nobody hears you').count()).toBe(0)
  })

  test('the host mutes all others', async () => {
    await maya.button('Mute all').click()
    await expect.poll(() => isMuted(kenji)).toBe(true)
    expect(await isMuted(maya)).toBe(false)
    await kenji.page.keyboard.press('m')
    await expect.poll(() => isMuted(kenji)).toBe(false)
  })

  test('the host stops a camera and asks for it again', async () => {
    await maya.sees('Kenji Mori', 2)
    await maya.act('Kenji Mori', 'Stop camera')
    await kenji.reads('Maya Chen stopped your camera')
    await expect.poll(() => maya.tile('Kenji Mori').locator('video').count()).toBe(0)
    await maya.act('Kenji Mori', 'Ask to start the camera')
    await kenji.reads('Maya Chen asks you to start your camera')
    await kenji.page.getByRole('button', { name: 'Start camera', exact: true }).click()
    await maya.sees('Kenji Mori', 2)
  })

  test('hands go up in order, and the host lowers them', async () => {
    const hands = maya.page.getByRole('region', { name: 'Raised hands' })
    await daniel.page.keyboard.press('h')
    await hands.getByText('Daniel Park').waitFor()
    await kenji.page.keyboard.press('h')
    await expect.poll(() => hands.getByRole('listitem').count()).toBe(2)
    expect(await hands.getByRole('listitem').allTextContents()).toEqual([
      expect.stringContaining('Daniel Park'),
      expect.stringContaining('Kenji Mori'),
    ])
    await kenji.tile('Daniel Park').getByLabel('Hand raised, place 1').waitFor()
    await hands.getByRole('button', { name: 'Lower all' }).click()
    await daniel.button(/^Raise hand/).waitFor()
    await kenji.button(/^Raise hand/).waitFor()
  })

  test('reactions are seen by all', async () => {
    await daniel.button('React').click()
    await daniel.button('React with 🎉').click()
    for (const person of [maya, kenji]) await person.reads(/🎉/)
  })

  test('a guest changes his name for all', async () => {
    await daniel.button(/^People/).click()
    await daniel.act('Daniel Park', 'Change my name')
    await daniel.page.getByRole('textbox', { name: 'New name' }).fill('Daniel 朴')
    await daniel.page.keyboard.press('Enter')
    await maya.row('Daniel 朴').waitFor()
    await maya.tile('Daniel 朴').waitFor()
  })

  test('the spotlight shows one person large to everybody', async () => {
    await maya.act('Daniel 朴', 'Spotlight for everyone')
    for (const person of [maya, kenji, daniel])
      await person.tile('Daniel 朴').getByLabel('In the spotlight for everyone').waitFor()
    await maya.act('Daniel 朴', 'End the spotlight')
    await expect.poll(() => kenji.page.getByLabel('In the spotlight for everyone').count()).toBe(0)
  })

  test('only hosts share where the meeting says so', async () => {
    await maya.toggleRule('Everyone may share')
    await expect.poll(() => kenji.button(/^Only hosts may share/).isDisabled()).toBe(true)
    expect(await maya.button(/^Share screen/).isEnabled()).toBe(true)
    await maya.toggleRule('Everyone may share')
    await expect.poll(() => kenji.button(/^Share screen/).isEnabled()).toBe(true)
  })

  test('a co-host moderates guests, but neither ends the meeting nor acts against the host', async () => {
    await kenji.button(/^People/).click()
    expect(await kenji.button('Mute all').count()).toBe(0)
    await maya.act('Kenji Mori', 'Make co-host')
    await kenji.button('Mute all').waitFor()
    expect(await kenji.button(/^Leave/).getAttribute('aria-haspopup')).toBeNull()
    expect(await entries(kenji, 'Maya Chen')).not.toContain('Remove from the meeting')
    expect(await entries(kenji, 'Daniel 朴')).toContain('Remove from the meeting')
  })

  test('the host gives the role away', async () => {
    await maya.act('Kenji Mori', 'Make host')
    await maya.confirm('Make host')
    await kenji.reads('You are now the host')
    await expect.poll(() => maya.row('Maya Chen').textContent()).toContain('Co-host')
    await expect.poll(() => kenji.button(/^Leave/).getAttribute('aria-haspopup')).toBe('menu')
  })

  test('keys work on the stage, and not while one types', async () => {
    await maya.page.keyboard.press('v')
    await maya.button(/^Start camera/).waitFor()
    await maya.page.keyboard.press('v')
    await maya.button(/^Stop camera/).waitFor()
    await maya.page.keyboard.press('c')
    const field = maya.page.getByRole('textbox', { name: 'Message everyone' })
    await field.pressSequentially('vmhp?')
    expect(await field.inputValue()).toBe('vmhp?')
    expect(await isMuted(maya)).toBe(false)
    await maya.button(/^Stop camera/).waitFor()
    await maya.button(/^Raise hand/).waitFor()
    await field.fill('')
    await maya.page.keyboard.press('Escape')
    await field.waitFor({ state: 'detached' })
    await maya.page.keyboard.press('?')
    await maya.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await maya.page.keyboard.press('Escape')
  })

  test('Space opens the microphone while it is held', async () => {
    await maya.page.keyboard.press('m')
    await expect.poll(() => isMuted(maya)).toBe(true)
    await maya.page.keyboard.down('Space')
    await expect.poll(() => isMuted(maya)).toBe(false)
    await maya.page.keyboard.up('Space')
    await expect.poll(() => isMuted(maya)).toBe(true)
  })
})

/** What somebody may do with a participant, as the people panel says. */
async function entries(person: Person, name: string): Promise<string[]> {
  await person
    .row(name)
    .getByRole('button', { name: /^More for/ })
    .click()
  await person.page.getByRole('menuitem').first().waitFor()
  const all = await person.page.getByRole('menuitem').allTextContents()
  await person.page.keyboard.press('Escape')
  return all
}
