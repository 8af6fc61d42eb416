import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { type Account, type Meeting, twoMembers } from './harness/company'
import { Server } from './harness/server'
import { chooseText, openTextPage, turnTo, wrongText } from './harness/textPage'

describe('sharing a screen', () => {
  let server: Server
  let meeting: Meeting
  let owner: Account
  let kenjiAccount: Account
  let maya: Person
  let kenji: Person

  beforeAll(async () => {
    server = await Server.start()
    ;({ owner, second: kenjiAccount, meeting } = await twoMembers(server))
    maya = await Person.open({
      url: server.url,
      account: owner,
      args: [chooseText],
      asksForDevices: true, // Chromium's fake prompt would choose its fake screen
    })
    kenji = await Person.open({ url: server.url, account: kenjiAccount, identity: 2 })
    await maya.join(meeting.code)
    await kenji.join(meeting.code)
  })

  afterAll(async () => {
    await maya?.close()
    await kenji?.close()
    await server?.close()
  })

  test('text is sharp at full resolution', async () => {
    await turnTo(await openTextPage(maya), 1)
    await maya.page.bringToFront()
    await maya.button(/^Share screen/).click()
    await expect.poll(() => shareSize(kenji)).toEqual({ width: 1440, height: 900 })
    await expect.poll(() => wrongText(kenji, 1)).toBeLessThan(0.005)
  })

  test('a late viewer gets the share at once', async () => {
    const late = await Person.open({ url: server.url, account: kenjiAccount })
    try {
      await late.join(meeting.code)
      await expect.poll(() => wrongText(late, 1)).toBeLessThan(0.005)
    } finally {
      await late.close()
    }
  })

  test('two share at once, and a viewer switches between them', async () => {
    const second = await Person.open({
      url: server.url,
      account: kenjiAccount,
      args: [chooseText],
      asksForDevices: true, // Chromium's fake prompt would choose its fake screen
    })
    try {
      await openTextPage(second)
      await second.page.bringToFront()
      await second.join(meeting.code)
      await second.button(/^Share screen/).click()
      await kenji.page
        .getByText(/2 \/ 2|1 \/ 2/)
        .first()
        .waitFor()
      // A browser that vanishes is waited for, and so is its share.
      await second.button(/^Stop sharing/).click()
    } finally {
      await second.close()
    }
  })

  test('the share ends for everybody', async () => {
    await maya.button(/^Stop sharing/).click()
    await expect.poll(() => shareSize(kenji)).toBeNull()
  })
})

/** The pixel size of the share that somebody sees, null without one. */
function shareSize(person: Person): Promise<{ width: number; height: number } | null> {
  return person.page.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>('[data-share] video')
    return video?.videoWidth ? { width: video.videoWidth, height: video.videoHeight } : null
  })
}
