import { afterAll, beforeAll, describe, test } from 'vitest'
import { Person } from './harness/call'
import { invite, twoMembers } from './harness/company'
import { FirefoxPerson } from './harness/firefox'
import { canEmulateLinks, Link } from './harness/link'
import { Server } from './harness/server'
import { concealment, installSounds, listen } from './harness/sound'

const settleMs = 5_000
const measureMs = 12_000

const rows: string[] = []

afterAll(() => {
  if (rows.length === 0) return
  console.log(
    [
      '| delay ms | sent | kbit/s of sound | made up %, Chromium | made up %, Firefox |',
      '| --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n'),
  )
})

describe.runIf(canEmulateLinks)('speech over an uplink that loses 10 % in bursts', () => {
  const closing: (() => Promise<void>)[] = []
  let link: Link
  let speaker: (repeats: boolean) => Promise<Person>
  let ana: Person
  let kenji: FirefoxPerson

  beforeAll(async () => {
    link = await Link.make()
    closing.push(() => link.close())
    const server = await Server.start({ behind: link })
    closing.push(() => server.close())
    const { url } = server
    const { owner, second, meeting } = await twoMembers(server)
    const { args } = link.browser(url)
    ana = await Person.open({ url, account: await invite(server, owner, 'Ana Ruiz', 'ana'), args })
    closing.push(ana.close)
    await ana.context.addInitScript(installSounds)
    await ana.join(meeting.code)
    kenji = await FirefoxPerson.open({ url, account: second })
    closing.push(kenji.close)
    await kenji.page.evaluateOnNewDocument(installSounds)
    await kenji.join(meeting.code)
    await kenji.press(/^Mute \(M\)$/)
    speaker = async (repeats) => {
      const maya = await Person.open({ url, account: owner, identity: 1, args })
      await maya.context.grantPermissions(['camera', 'microphone'])
      await maya.context.addInitScript(`window.repeatsSpeech = ${repeats}`)
      await maya.context.addInitScript(installSounds)
      await maya.join(meeting.code)
      return maya
    }
  })

  afterAll(async () => {
    for (const close of closing.toReversed()) await close()
  })

  for (const delay of [20, 150]) {
    for (const repeats of [false, true]) {
      test(`${delay} ms, ${repeats ? 'twice' : 'once'}`, async () => {
        const maya = await speaker(repeats)
        // The server is at the far end: what goes up to it comes down the link.
        await link.impair({ direction: 'down', loss: 10, burst: 3, delay })
        await new Promise((resolve) => setTimeout(resolve, settleMs))
        const [up, chromium, firefox] = await Promise.all([
          listen(maya.page, measureMs),
          listen(ana.page, measureMs),
          listen(kenji.page, measureMs),
        ])
        const rate = Math.round((8 * up.bytesSent) / measureMs)
        const [a, b] = [concealment(chromium), concealment(firefox)].map((share) => share.toFixed(1))
        rows.push(`| ${delay} | ${repeats ? 'twice' : 'once'} | ${rate} | ${a} | ${b} |`)
        await link.impair({ direction: 'down', loss: 0, burst: 1, delay: 0 })
        await maya.close()
      })
    }
  }
})
