import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { type Account, invite, type Meeting, makeCompany, startMeeting } from './harness/company'
import { type Identity, toneHz } from './harness/media'
import { Server } from './harness/server'

describe('three people in a meeting', () => {
  let server: Server
  let meeting: Meeting
  const names = ['Maya Chen', '陈雨桐', 'Kenji Mori'] as const
  const accounts: Account[] = []
  const people: Person[] = []

  beforeAll(async () => {
    server = await Server.start()
    const owner = await makeCompany(server, names[0])
    accounts.push(
      owner,
      await invite(server, owner, names[1], 'yutong', 'zh-CN'),
      await invite(server, owner, names[2], 'kenji'),
    )
    meeting = await startMeeting(owner)
  })

  afterAll(async () => {
    await Promise.all(people.map((p) => p.close()))
    await server?.close()
  })

  test('everybody sees the right picture of each', async () => {
    for (const [index, account] of accounts.entries()) {
      const person = await Person.open({ url: server.url, account, identity: (index + 1) as Identity })
      people.push(person)
      await person.join(meeting.code)
    }
    for (const person of people) {
      for (const [index, name] of names.entries()) await person.sees(name, index + 1)
    }
  })

  test('everybody hears the right tone of the two others', async () => {
    for (const [index, person] of people.entries()) {
      const others = names.map((_, other) => other).filter((other) => other !== index)
      const wanted = others.map((other) => toneHz((other + 1) as Identity))
      await expect
        .poll(async () =>
          Object.values(await person.tones())
            .sort((a, b) => a - b)
            .map((hz) => wanted.some((w) => Math.abs(w - hz) < 12)),
        )
        .toEqual([true, true])
    }
  })

  test('who speaks is shown speaking', async () => {
    const [maya] = people
    await expect
      .poll(() => maya?.page.locator('[data-participant-id][data-speaking]').count() ?? 0)
      .toBeGreaterThan(0)
  })

  test('a reload comes back as the same participant with picture and sound', async () => {
    const [maya, yutong] = people
    if (!maya || !yutong) throw new Error('nobody is here')
    const before = await maya.tile(names[1]).getAttribute('data-participant-id')
    await yutong.page.reload()
    await yutong.onStage()
    await yutong.sees(names[0], 1)
    await maya.sees(names[1], 2)
    expect(await maya.tile(names[1]).getAttribute('data-participant-id')).toBe(before)
    expect(await maya.page.locator('[data-participant-id]', { hasText: names[1] }).count()).toBe(1)
  })

  test('who leaves is gone for the others, and reads what remains', async () => {
    const [maya, , kenji] = people
    if (!maya || !kenji) throw new Error('nobody is here')
    await kenji.button(/^Leave/).click()
    await kenji.page.getByText('You left').waitFor()
    await expect.poll(() => maya.page.locator('[data-participant-id]', { hasText: names[2] }).count()).toBe(0)
  })
})
