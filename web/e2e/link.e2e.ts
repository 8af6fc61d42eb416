import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { invite, type Meeting, makeCompany, startMeeting } from './harness/company'
import { canEmulateLinks, Link } from './harness/link'
import { Server } from './harness/server'

describe.runIf(canEmulateLinks)('a link that fails', () => {
  let link: Link
  let server: Server
  let meeting: Meeting
  let maya: Person
  let kenji: Person

  beforeAll(async () => {
    link = await Link.make()
    server = await Server.start({ everywhere: true })
    const inside = `http://${link.host}:${server.port}`
    const owner = await makeCompany(server)
    const second = await invite(server, owner, 'Kenji Mori', 'kenji')
    meeting = await startMeeting(owner)
    maya = await Person.open({ url: server.url, account: owner, identity: 1 })
    kenji = await Person.open({
      url: inside,
      account: second,
      identity: 2,
      executablePath: link.chromium,
      args: [`--unsafely-treat-insecure-origin-as-secure=${inside}`],
    })
    await maya.join(meeting.code)
    await kenji.join(meeting.code)
  })

  afterAll(async () => {
    await maya?.close()
    await kenji?.close()
    await server?.close()
    await link?.close()
  })

  test('both see each other through the link', async () => {
    await kenji.sees('Maya Chen', 1)
    await maya.sees('Kenji Mori', 2)
  })

  test('10 s of cut network come back by themselves within 5 s', async () => {
    await link.cut()
    await maya.tile('Kenji Mori').getByText('Reconnecting').waitFor({ timeout: 10_000 })
    await new Promise((resolve) => setTimeout(resolve, 10_000 - 4_000))
    await link.heal()
    const healed = performance.now()
    await Promise.all([kenji.sees('Maya Chen', 1, 15_000), maya.sees('Kenji Mori', 2, 15_000)])
    const seconds = (performance.now() - healed) / 1000
    expect(seconds).toBeLessThan(5)
    expect(await maya.page.locator('[data-participant-id]', { hasText: 'Kenji Mori' }).count()).toBe(1)
  })

  test('10 % loss in bursts leaves speech and picture', async () => {
    await link.impair({ loss: 10, burst: 3, delay: 40 })
    await kenji.sees('Maya Chen', 1)
    await maya.sees('Kenji Mori', 2)
    await link.impair({ loss: 0, burst: 1, delay: 0 })
  })
})
