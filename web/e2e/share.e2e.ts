import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { type Met, meet } from './harness/meet'
import { chooseText, openTextPage, turnTo, wrongText } from './harness/textPage'

/** Chromium's fake prompt would choose its fake screen. */
const sharesText = { args: [chooseText], asksForDevices: true }

describe('sharing a screen', () => {
  let met: Met<Person>
  let maya: Person
  let kenji: Person

  beforeAll(async () => {
    met = await meet({ maya: { identity: undefined, ...sharesText } })
    ;({ maya, kenji } = met)
  })

  afterAll(() => met?.close())

  test('text is sharp at full resolution', async () => {
    await turnTo(await openTextPage(maya), 1)
    await maya.page.bringToFront()
    await maya.button(/^Share screen/).click()
    await expect.poll(() => shareSize(kenji)).toEqual({ width: 1440, height: 900 })
    await expect.poll(() => wrongText(kenji, 1)).toBeLessThan(0.005)
  })

  test('a late viewer gets the share at once', async () => {
    const late = await Person.open({ url: met.server.url, account: met.second })
    try {
      await late.join(met.meeting.code)
      await expect.poll(() => wrongText(late, 1)).toBeLessThan(0.005)
    } finally {
      await late.close()
    }
  })

  test('two share at once, and a viewer switches between them', async () => {
    const second = await Person.open({ url: met.server.url, account: met.second, ...sharesText })
    try {
      await openTextPage(second)
      await second.page.bringToFront()
      await second.join(met.meeting.code)
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
