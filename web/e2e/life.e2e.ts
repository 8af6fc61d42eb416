import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import type { Meeting } from './harness/company'
import { type Met, meet } from './harness/meet'
import { artifacts } from './harness/paths'
import { plug, unplug } from './harness/plugs'
import type { Server } from './harness/server'

describe('the life of a meeting', () => {
  let met: Met<Person>
  let server: Server
  let meeting: Meeting
  let maya: Person
  let kenji: Person

  beforeAll(async () => {
    met = await meet({ kenji: { identity: undefined, builtinCameras: 3, phone: true } })
    ;({ server, meeting, maya, kenji } = met)
  })

  afterAll(() => met?.close())

  const picture = () => maya.tile('Kenji Mori').locator('video').first()
  const frames = () =>
    picture().evaluate((v) => (v as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames)
  const camera = () =>
    kenji.page
      .locator('[data-self] video')
      .evaluate((v) => ((v as HTMLVideoElement).srcObject as MediaStream).getVideoTracks()[0]?.label ?? '')

  /** The same publication goes on with new pictures. */
  async function goesOn(publication: string | null): Promise<void> {
    let first = await frames()
    const seen = async () => {
      const now = await frames()
      first = Math.min(first, now) // a picture that was away begins to count anew
      return now - first
    }
    await expect.poll(seen).toBeGreaterThan(10)
    expect(await picture().getAttribute('data-publication-id')).toBe(publication)
  }

  test('a phone shows the others', async () => {
    await kenji.sees('Maya Chen', 1)
    await kenji.page.screenshot({ path: `${artifacts}/stage-phone-en.png` })
    await maya.page.screenshot({ path: `${artifacts}/stage-desktop-en.png` })
  })

  test('switching the camera keeps the publication', async () => {
    await picture().waitFor()
    const publication = await picture().getAttribute('data-publication-id')
    await expect.poll(camera).toBe('fake_device_0')
    await kenji.button(/^More$/).click()
    await kenji.page.getByRole('menuitemradio', { name: 'fake_device_2' }).click()
    await expect.poll(camera).toBe('fake_device_2')
    await goesOn(publication)
  })

  test('a camera that is unplugged gives way to another, and is offered when it is back', async () => {
    const publication = await picture().getAttribute('data-publication-id')
    await kenji.page.evaluate(unplug, 'fake_device_2')
    await kenji.reads('fake_device_2 was unplugged')
    await expect.poll(camera).toBe('fake_device_0')
    await goesOn(publication)
    await kenji.page.evaluate(plug)
    await kenji.reads('New device: fake_device_2')
    await kenji.button('Use it').click()
    await expect.poll(camera).toBe('fake_device_2')
    await goesOn(publication)
  })

  test('a restart of the server brings everybody back by themselves, the host as host', async () => {
    await server.end()
    await maya.reads('Reconnecting…')
    await server.run()
    await kenji.sees('Maya Chen', 1)
    await expect.poll(() => maya.tiles().count()).toBe(2)
    await goesOn(await picture().getAttribute('data-publication-id'))
    expect(await maya.button(/^Leave/).getAttribute('aria-haspopup')).toBe('menu')
    expect(await kenji.button(/^Leave/).getAttribute('aria-haspopup')).toBeNull()
  })

  test('a crash of the server too', async () => {
    await server.end('SIGKILL')
    await kenji.reads('Reconnecting…')
    await server.run()
    await kenji.sees('Maya Chen', 1)
    await expect.poll(() => maya.tiles().count()).toBe(2)
    await goesOn(await picture().getAttribute('data-publication-id'))
  })

  test('who was removed and who is locked out stay out over a restart', async () => {
    const eve = await Person.open({ url: server.url, browser: maya.browser })
    const late = await Person.open({ url: server.url, browser: maya.browser })
    await eve.join(meeting.code, 'Eve Stranger')
    await maya.button(/^People/).click()
    await maya.act('Eve Stranger', 'Remove from the meeting')
    await maya.confirm('Remove from the meeting')
    await eve.reads('You were removed from the meeting')
    await maya.button('Lock').click()
    await maya.button('Unlock').waitFor()
    await server.end('SIGKILL')
    await kenji.reads('Reconnecting…')
    await server.run()
    await kenji.sees('Maya Chen', 1)
    await late.enter(meeting.code, 'Late Larry')
    await late.reads(/^The host has locked the meeting/)
    await maya.button('Unlock').click()
    await maya.button('Lock').waitFor()
    await eve.enter(meeting.code)
    await eve.reads('The host removed you from this meeting.')
    await expect.poll(() => maya.tiles().count()).toBe(2)
    await Promise.all([eve.close(), late.close()])
  })

  test('ending for all ends it for all', async () => {
    await maya.leave(true)
    await maya.reads('The meeting has ended')
    await kenji.reads('The meeting has ended')
    expect(await kenji.page.getByRole('button', { name: 'Join again' }).count()).toBe(0)
    await kenji.page.getByRole('link', { name: /^Meeting chat/ }).waitFor()
    expect(await kenji.page.getByRole('link', { name: /^Attendance/ }).count()).toBe(0)
  })
})
