import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Person } from './harness/call'
import { type FirefoxPerson, firefoxToneHz } from './harness/firefox'
import { toneHz } from './harness/media'
import { type Met, meetFirefox } from './harness/meet'

describe('Chromium and Firefox in one meeting', () => {
  let met: Met<FirefoxPerson>
  let maya: Person
  let kenji: FirefoxPerson

  beforeAll(async () => {
    met = await meetFirefox()
    ;({ maya, kenji } = met)
  })

  afterAll(() => met?.close())

  test('Firefox sees the picture of Chromium', async () => {
    await expect.poll(() => kenji.code('Maya Chen')).toMatchObject({ id: 1 })
  })

  test('Firefox hears the tone of Chromium', async () => {
    await expect.poll(() => kenji.tones()).toContainEqual(near(toneHz(1)))
  })

  test('Chromium sees the picture of Firefox move', async () => {
    await mayaSeesKenjiMove()
  })

  test('Chromium hears the tone of Firefox', async () => {
    await expect.poll(async () => Object.values(await maya.tones())).toContainEqual(near(firefoxToneHz))
  })

  test('Firefox gets the layer that fits the tile', async () => {
    await expect.poll(() => kenji.width('Maya Chen')).toBe(640)
    await kenji.page.setViewport({ width: 320, height: 480 })
    await expect.poll(() => kenji.width('Maya Chen')).toBeLessThan(640)
    await kenji.page.setViewport({ width: 1280, height: 760 })
    await expect.poll(() => kenji.width('Maya Chen')).toBe(640)
  })

  test('the camera of Firefox stops and starts', async () => {
    await kenji.press(/^Stop camera/)
    await expect.poll(() => maya.tile('Kenji Mori').locator('video').count()).toBe(0)
    await kenji.press(/^Start camera/)
    await mayaSeesKenjiMove()
  })

  test('Firefox shares its screen, and stops', async () => {
    const share = maya.page.locator('[data-share] video').first()
    const size = () =>
      share.evaluate((v: HTMLVideoElement) => `${v.videoWidth}×${v.videoHeight}`).catch(() => 'none')
    await kenji.press(/^Share screen/)
    await share.waitFor()
    await expect.poll(size).toBe('1440×900')
    await kenji.press(/^You are sharing/)
    await kenji.press(/^Stop sharing/)
    await share.waitFor({ state: 'detached' })
  })

  test('Firefox comes back after a reload as the same participant', async () => {
    const before = await maya.tile('Kenji Mori').getAttribute('data-participant-id')
    await kenji.page.reload()
    await expect.poll(() => kenji.code('Maya Chen')).toMatchObject({ id: 1 })
    await mayaSeesKenjiMove()
    expect(await maya.tile('Kenji Mori').getAttribute('data-participant-id')).toBe(before)
    expect(await maya.tiles().count()).toBe(2)
  })

  async function mayaSeesKenjiMove(): Promise<void> {
    await expect.poll(() => maya.frames('Kenji Mori')).toBeGreaterThan(0)
    const before = await maya.frames('Kenji Mori')
    await expect.poll(() => maya.frames('Kenji Mori')).toBeGreaterThan(before + 30)
  }
})

/** Matches a frequency within the resolution of the analyser. */
function near(hz: number) {
  return expect.toSatisfy((heard: number) => Math.abs(heard - hz) < 15, `near ${hz} Hz`)
}
