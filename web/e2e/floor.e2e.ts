import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { invite, twoMembers } from './harness/company'
import { report } from './harness/report'
import { Server } from './harness/server'
import { concealment, installSounds, listen } from './harness/sound'

describe('two people in turn on the only place', () => {
  let server: Server
  const people: Person[] = []

  beforeAll(async () => {
    server = await Server.start({ env: { PARLEY_MEDIA_MAX_MICROPHONES: '1' } })
    const { url } = server
    const { owner, second, meeting } = await twoMembers(server)
    const ana = await invite(server, owner, 'Ana Ruiz', 'ana')
    people.push(await Person.open({ url, account: owner, identity: 1 }))
    people.push(await Person.open({ url, account: second, identity: 2 }))
    people.push(await Person.open({ url, account: ana }))
    for (const person of people) {
      await person.context.addInitScript(installSounds)
      await person.join(meeting.code)
    }
  })

  afterAll(async () => {
    await Promise.all(people.map((person) => person.close()))
    await server?.close()
  })

  test('both are heard, and nothing is made up between their turns', async () => {
    const [, , ana] = people
    if (!ana) throw new Error('nobody listens')
    await expect
      .poll(async () => (await ana.page.evaluate(() => window.sounds.count())).hears)
      .toBe('audio/opus')
    const madeUp = async () => {
      const heard = await listen(ana.page, 10_000)
      report('floor', { ...heard, concealment: concealment(heard) })
      return concealment(heard)
    }
    await expect.poll(madeUp).toBeLessThan(5)
  })
})
