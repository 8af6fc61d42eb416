import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Person } from './harness/call'
import { decodeOnly, type Stream, streams, videosSent } from './harness/codecs'
import { FirefoxPerson } from './harness/firefox'
import { type Met, meet } from './harness/meet'
import { artifacts } from './harness/paths'

describe.each(['vp9', 'av1'])('cameras in %s', (codec) => {
  let met: Met<Person>
  let maya: Person
  let kenji: Person
  let firefox: FirefoxPerson

  beforeAll(async () => {
    met = await meet({ server: { env: { PARLEY_MEDIA_CAMERA_CODEC: codec } } })
    ;({ maya, kenji } = met)
    firefox = await FirefoxPerson.open({ url: met.server.url, account: met.second })
    await firefox.join(met.meeting.code)
  })

  afterAll(async () => {
    await firefox?.close()
    await met?.close()
  })

  const sent = async (): Promise<Stream | undefined> =>
    (await streams(maya.page, 'outbound-rtp')).find((one) => one.active)
  const widthAtKenji = async () => (await streams(kenji.page, 'inbound-rtp')).map((one) => one.frameWidth)

  test('one stream has the sizes as layers inside', async () => {
    await kenji.sees('Maya Chen', 1)
    await expect
      .poll(sent)
      .toMatchObject({ codec: `video/${codec.toUpperCase()}`, scalabilityMode: 'L2T3_KEY' })
    expect((await streams(maya.page, 'outbound-rtp')).length).toBe(1)
  })

  test('Firefox sees it', async () => {
    await expect.poll(() => firefox.code('Maya Chen')).toMatchObject({ id: 1 })
  })

  test('Firefox, which cannot make such layers, is seen', async () => {
    const tile = () => maya.frames('Kenji Mori')
    await expect.poll(tile).toBeGreaterThan(0)
  })

  test('each viewer gets the layer that fits', async () => {
    await expect.poll(widthAtKenji).toContain(640)
    await kenji.page.setViewportSize({ width: 340, height: 480 })
    await expect.poll(widthAtKenji).toContain(320)
    await kenji.sees('Maya Chen', 1)
    await expect.poll(() => firefox.width('Maya Chen')).toBe(640)
  })

  test('what nobody watches is not sent, and comes back', async () => {
    await firefox.page.setViewport({ width: 320, height: 480 })
    await expect.poll(sent).toMatchObject({ scalabilityMode: 'L1T3', frameWidth: 320 })
    await kenji.sees('Maya Chen', 1)
    await kenji.page.setViewportSize({ width: 1440, height: 900 })
    await expect.poll(sent).toMatchObject({ scalabilityMode: 'L2T3_KEY', frameWidth: 640 })
    await expect.poll(widthAtKenji).toContain(640)
    await kenji.sees('Maya Chen', 1)
    await expect.poll(() => firefox.code('Maya Chen')).toMatchObject({ id: 1 })
  })
})

describe('a viewer whose browser cannot decode the codec', () => {
  let met: Met<Person>
  let maya: Person
  let kenji: Person

  beforeAll(async () => {
    met = await meet({
      server: { env: { PARLEY_MEDIA_CAMERA_CODEC: 'vp9', PARLEY_MEDIA_SHARE_CODEC: 'av1' } },
      before: async (_, late) => {
        await late.context.addInitScript(decodeOnly, 'video/VP8')
      },
    })
    ;({ maya, kenji } = met)
  })

  afterAll(() => met?.close())

  test('gets a second encoding as the same publication', async () => {
    await kenji.sees('Maya Chen', 1)
    expect((await streams(kenji.page, 'inbound-rtp')).map((one) => one.codec)).toContain('video/VP8')
    await expect.poll(() => videosSent(maya.page)).toBe(2)
    expect(await kenji.page.getByText('Video not supported').count()).toBe(0)
    await kenji.page.screenshot({ path: `${artifacts}/second-encoding.png` })
  })

  test('follows the camera', async () => {
    await maya.button(/^Stop camera/).click()
    await expect.poll(() => kenji.tile('Maya Chen').locator('video').count()).toBe(0)
    await maya.button(/^Start camera/).click()
    await kenji.sees('Maya Chen', 1)
  })

  test('nothing is sent twice when nobody needs it any more', async () => {
    await kenji.leave()
    await expect.poll(() => videosSent(maya.page)).toBe(1)
  })
})
