import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Person } from './harness/call'
import type { FirefoxPerson } from './harness/firefox'
import { canEmulateLinks, Link } from './harness/link'
import { type Met, meet, meetFirefox } from './harness/meet'
import { report } from './harness/report'

describe.runIf(canEmulateLinks)('a link that fails', () => {
  let link: Link
  let met: Met<Person>
  let maya: Person
  let kenji: Person

  beforeAll(async () => {
    link = await Link.make()
    met = await meet({ server: { everywhere: true }, kenji: (server) => link.visitor(server) })
    ;({ maya, kenji } = met)
  })

  afterAll(async () => {
    await met?.close()
    await link?.close()
  })

  test('both see each other through the link', async () => {
    await kenji.sees('Maya Chen', 1)
    await maya.sees('Kenji Mori', 2)
  })

  test('10 s of cut network come back by themselves', async () => {
    const there = () => kenji.frames('Maya Chen')
    const here = () => maya.frames('Kenji Mori')
    const reconnecting = maya.tile('Kenji Mori').getByText('Reconnecting')
    const [down, up] = await cutAndHeal(link, reconnecting, there, here)
    report('cut-chromium', { down, up })
    await reconnecting.waitFor({ state: 'detached' })
    await kenji.sees('Maya Chen', 1)
    await maya.sees('Kenji Mori', 2)
    expect(await maya.tiles().count()).toBe(2)
  })

  test('10 % loss in bursts leaves speech, and a picture that moves', async () => {
    await link.impair({ loss: 10, burst: 3, delay: 40 })
    for (const frames of [() => kenji.frames('Maya Chen'), () => maya.frames('Kenji Mori')]) {
      const before = await frames()
      await expect.poll(frames).toBeGreaterThan(before + 5)
    }
    await expect.poll(async () => Object.values(await kenji.tones()).length).toBe(1)
    await link.impair({ loss: 0, burst: 1, delay: 0 })
  })
})

describe.runIf(canEmulateLinks)('Firefox on a link that fails', () => {
  let link: Link
  let met: Met<FirefoxPerson>
  let maya: Person
  let kenji: FirefoxPerson

  beforeAll(async () => {
    // The server and Chromium are at the far end, since the port that steers Firefox does not cross the link.
    link = await Link.make()
    met = await meetFirefox({ server: { behind: link }, maya: ({ url }) => link.browser(url) })
    ;({ maya, kenji } = met)
  })

  afterAll(async () => {
    await met?.close()
    await link?.close()
  })

  test('10 s of cut network come back by themselves', async () => {
    await expect.poll(() => kenji.code('Maya Chen')).toMatchObject({ id: 1 })
    const there = async () => (await kenji.code('Maya Chen'))?.frame ?? 0
    const here = () => maya.frames('Kenji Mori')
    await expect.poll(here).toBeGreaterThan(30)
    const reconnecting = maya.tile('Kenji Mori').getByText('Reconnecting')
    const [down, up] = await cutAndHeal(link, reconnecting, there, here)
    report('cut-firefox', { down, up })
    await reconnecting.waitFor({ state: 'detached' })
    expect(await maya.tiles().count()).toBe(2)
  })
})

describe('a network without UDP', () => {
  let met: Met<Person>

  beforeAll(async () => {
    met = await meet({ server: { env: { PARLEY_MEDIA_UDP_ADDR: 'off' } } })
  })

  afterAll(() => met?.close())

  test('the meeting goes over TCP', async () => {
    await met.kenji.sees('Maya Chen', 1)
    await met.maya.sees('Kenji Mori', 2)
    await expect.poll(async () => Object.values(await met.maya.tones()).length).toBe(1)
  })
})

/**
 * Cuts the link for 10 s, during which reconnecting is shown and the pictures stand still; resolves with the seconds
 * after healing until each of the pictures moves again.
 */
async function cutAndHeal(
  link: Link,
  reconnecting: Locator,
  ...pictures: [() => Promise<number>, () => Promise<number>]
): Promise<[number, number]> {
  await link.cut()
  await sleep(9_000)
  const frozen = await Promise.all(pictures.map((picture) => picture()))
  await sleep(1_000)
  expect(await Promise.all(pictures.map((picture) => picture()))).toEqual(frozen)
  await reconnecting.waitFor()
  await link.heal()
  const healed = performance.now()
  const back = async (picture: () => Promise<number>) => {
    const before = await picture()
    await expect.poll(picture).not.toBe(before)
    return (performance.now() - healed) / 1000
  }
  return Promise.all([back(pictures[0]), back(pictures[1])])
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
