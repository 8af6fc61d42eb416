import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { twoMembers } from './harness/company'
import { FirefoxPerson } from './harness/firefox'
import { canEmulateLinks, Link } from './harness/link'
import { toneHz } from './harness/media'
import { Server } from './harness/server'
import { installSounds, listen } from './harness/sound'

describe.runIf(canEmulateLinks)('speech on an uplink that goes on losing packets', () => {
  let link: Link
  let server: Server
  let maya: Person
  let kenji: FirefoxPerson

  beforeAll(async () => {
    link = await Link.make()
    server = await Server.start({ behind: link })
    const { url } = server
    const { owner, second, meeting } = await twoMembers(server)
    maya = await Person.open({
      url,
      account: owner,
      identity: 1,
      args: link.browser(url).args,
    })
    await maya.context.grantPermissions(['camera', 'microphone'])
    await maya.context.addInitScript(installSounds)
    kenji = await FirefoxPerson.open({ url, account: second })
    await kenji.page.evaluateOnNewDocument(installSounds)
    await maya.join(meeting.code)
    await kenji.join(meeting.code)
  })

  afterAll(async () => {
    await maya?.close()
    await kenji?.close()
    await server?.close()
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
