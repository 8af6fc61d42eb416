import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Person } from './harness/call'
import type { FirefoxPerson } from './harness/firefox'
import { canEmulateLinks, Link } from './harness/link'
import { toneHz } from './harness/media'
import { type Met, meetFirefox } from './harness/meet'
import { installSounds, listen } from './harness/sound'

describe.runIf(canEmulateLinks)('speech on an uplink that goes on losing packets', () => {
  let link: Link
  let met: Met<FirefoxPerson>
  let maya: Person
  let kenji: FirefoxPerson

  beforeAll(async () => {
    link = await Link.make()
    met = await meetFirefox({
      server: { behind: link },
      maya: ({ url }) => ({ args: link.browser(url).args }),
      before: async (speaker, listener) => {
        await speaker.context.grantPermissions(['camera', 'microphone'])
        await speaker.context.addInitScript(installSounds)
        await listener.page.evaluateOnNewDocument(installSounds)
      },
    })
    ;({ maya, kenji } = met)
  })

  afterAll(async () => {
    await met?.close()
    await link?.close()
  })

  const tones = () => expect.poll(() => kenji.tones()).toContainEqual(near(toneHz(1)))
  /** What the microphone sends, in bits per second. */
  const rate = async () => (8 * (await listen(maya.page, 3_000)).bytesSent) / 3
  let once: number

  test('Chromium sends every packet once while nothing is lost', async () => {
    await tones()
    once = await rate()
    expect(once).toBeGreaterThan(0)
  })

  test('it sends them twice while packets stay lost, and Firefox gets Opus', async () => {
    await link.impair({ direction: 'down', loss: 15, burst: 3, delay: 150 })
    await expect.poll(rate).toBeGreaterThan(1.5 * once)
    await tones()
    const { hears } = await kenji.page.evaluate(() => window.sounds.count())
    expect(hears).toBe('audio/opus')
  })

  test('it sends them once again on a good link', async () => {
    await link.impair({ direction: 'down', loss: 0, burst: 1, delay: 0 })
    await expect.poll(rate).toBeLessThan(1.3 * once)
    await tones()
  })
})

function near(hz: number) {
  return expect.toSatisfy((heard: number) => Math.abs(heard - hz) < 15, `near ${hz} Hz`)
}
