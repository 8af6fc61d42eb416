import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { type Account, invite, type Meeting, makeCompany, startMeeting } from './harness/company'
import { artifacts } from './harness/paths'
import { Server } from './harness/server'

describe('the life of a meeting', () => {
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
    maya = await Person.open({ url: server.url, account: owner, identity: 1 })
    kenji = await Person.open({
      url: server.url,
      account: kenjiAccount,
      builtinDevices: true,
      phone: true,
      args: ['--use-fake-device-for-media-stream=device-count=2'],
    })
    await maya.join(meeting.code)
    await kenji.join(meeting.code)
  })

  afterAll(async () => {
    await maya?.close()
    await kenji?.close()
    await server?.close()
  })

  test('a phone shows the others', async () => {
    await kenji.sees('Maya Chen', 1)
    await kenji.page.screenshot({ path: `${artifacts}/stage-phone-en.png` })
    await maya.page.screenshot({ path: `${artifacts}/stage-desktop-en.png` })
  })

  test('switching the camera keeps the publication', async () => {
    const video = maya.tile('Kenji Mori').locator('video').first()
    await video.waitFor()
    const publication = await video.getAttribute('data-publication-id')
    const devices = await kenji.page.evaluate(async () => {
      const all = await navigator.mediaDevices.enumerateDevices()
      return all.filter((d) => d.kind === 'videoinput').map((d) => d.label)
    })
    expect(devices.length).toBe(2)
    await kenji.button(/^More/).click()
    await kenji.page
      .getByText(/Devices/)
      .first()
      .click()
    await kenji.page.getByRole('combobox', { name: 'Camera' }).selectOption({ label: devices[1] ?? '' })
    await kenji.page.keyboard.press('Escape')
    const frames = () =>
      video.evaluate((v) => (v as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames)
    const before = await frames()
    await expect.poll(frames, { timeout: 10_000 }).toBeGreaterThan(before + 20)
    expect(await video.getAttribute('data-publication-id')).toBe(publication)
  })

  test('a restart of the server brings everybody back by themselves', async () => {
    await server.end()
    await maya.page
      .getByText(/Reconnecting/i)
      .first()
      .waitFor({ timeout: 10_000 })
    await server.run()
    await kenji.sees('Maya Chen', 1, 30_000)
    await expect.poll(() => maya.page.locator('[data-participant-id]').count(), { timeout: 30_000 }).toBe(2)
  })

  test('a crash of the server too', async () => {
    await server.end('SIGKILL')
    await server.run()
    await kenji.sees('Maya Chen', 1, 30_000)
    await expect.poll(() => maya.page.locator('[data-participant-id]').count(), { timeout: 30_000 }).toBe(2)
  })

  test('ending for all ends it for all', async () => {
    await maya.button(/^Leave/).click()
    await maya.page.getByRole('menuitem', { name: /End .*for (all|everyone)/ }).click()
    await kenji.page
      .getByText(/meeting (has )?ended|ended the meeting/i)
      .first()
      .waitFor()
  })
})
