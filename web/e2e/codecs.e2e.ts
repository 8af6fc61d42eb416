import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { decodeOnly, type Stream, streams, videosSent, watchStreams } from './harness/codecs'
import { twoMembers } from './harness/company'
import { FirefoxPerson } from './harness/firefox'
import { artifacts } from './harness/paths'
import { Server } from './harness/server'

describe.each(['vp9', 'av1'])('cameras in %s', (codec) => {
  let server: Server
  let maya: Person
  let kenji: Person
  let firefox: FirefoxPerson

  beforeAll(async () => {
    server = await Server.start({ env: { PARLEY_MEDIA_CAMERA_CODEC: codec } })
    const { owner, second, meeting } = await twoMembers(server)
    maya = await Person.open({ url: server.url, account: owner, identity: 1 })
    kenji = await Person.open({ url: server.url, account: second, identity: 2 })
    firefox = await FirefoxPerson.open({ url: server.url, account: second })
    for (const one of [maya, kenji]) await one.context.addInitScript(watchStreams)
    await maya.join(meeting.code)
    await kenji.join(meeting.code)
    await firefox.join(meeting.code)
  })

  afterAll(async () => {
    await maya?.close()
    await kenji?.close()
    await firefox?.close()
    await server?.close()
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
  let server: Server
  let maya: Person
  let kenji: Person

  beforeAll(async () => {
    server = await Server.start({
      env: { PARLEY_MEDIA_CAMERA_CODEC: 'vp9', PARLEY_MEDIA_SHARE_CODEC: 'av1' },
    })
    const { owner, second, meeting } = await twoMembers(server)
    maya = await Person.open({ url: server.url, account: owner, identity: 1 })
    kenji = await Person.open({ url: server.url, account: second, identity: 2 })
    await maya.context.addInitScript(watchStreams)
    await kenji.context.addInitScript(watchStreams)
    await kenji.context.addInitScript(decodeOnly, 'video/VP8')
    await maya.join(meeting.code)
    await kenji.join(meeting.code)
  })

  afterAll(async () => {
    await maya?.close()
    await kenji?.close()
    await server?.close()
  })

  test('gets a second encoding as the same publication', async () => {
    await kenji.sees('Maya Chen', 1)
    expect((await streams(kenji.page, 'inbound-rtp')).map((one) => one.codec)).toContain('video/VP8')
    expect(await videosSent(maya.page)).toBe(2)
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
