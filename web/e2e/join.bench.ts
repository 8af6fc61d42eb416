import { readdirSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { Person } from './harness/call'
import { type Account, type Meeting, makeCompany, startMeeting, twoMembers } from './harness/company'
import type { Identity } from './harness/media'
import { percentile, report } from './harness/report'
import { Server } from './harness/server'

const joins = 20

describe('joining', () => {
  let server: Server
  let owner: Account
  let kenji: Account
  let meeting: Meeting

  beforeAll(async () => {
    server = await Server.start()
    ;({ owner, second: kenji, meeting } = await twoMembers(server))
  })

  afterAll(() => server?.close())

  test('from the click to the first remote frame', async () => {
    const maya = await Person.open({ url: server.url, account: owner, identity: 1 })
    await maya.join(meeting.code)
    const times: number[] = []
    const viewer = await Person.open({ url: server.url, account: kenji, identity: 2 })
    for (let n = 0; n < joins; n++) {
      await viewer.visit(meeting.code)
      const join = viewer.page.locator('form button[type=submit]')
      await join.waitFor()
      times.push(await join.evaluate(clickAndWaitForPicture))
      await viewer.button(/^Leave/).click()
      await viewer.page.getByText('You left').waitFor()
    }
    await viewer.close()
    await maya.close()
    report('bench-join', {
      joins,
      'first remote frame p50 (ms)': Math.round(percentile(times, 0.5)),
      'first remote frame p95 (ms)': Math.round(percentile(times, 0.95)),
    })
  })
})

describe('memory of the server for each participant', () => {
  /** Starts a server, lets so many in, and tells what each after the first two adds to its resident memory. */
  async function perParticipant(
    count: number,
    withDevices: boolean,
  ): Promise<{ empty: number; each: number }> {
    const server = await Server.start()
    const owner = await makeCompany(server)
    const meeting = await startMeeting(owner)
    const empty = residentMiB(server.pid)
    const people: Person[] = []
    let afterTwo = empty
    for (let n = 1; n <= count; n++) {
      const identity = { identity: (((n - 1) % 4) + 1) as Identity }
      const person = await Person.open({ url: server.url, account: owner, ...(withDevices ? identity : {}) })
      people.push(person)
      await person.join(meeting.code)
      if (n === 2) {
        await settle()
        afterTwo = residentMiB(server.pid)
      }
    }
    await settle()
    const each = (residentMiB(server.pid) - afterTwo) / (count - 2)
    await Promise.all(people.map((person) => person.close()))
    await server.close()
    return { empty, each }
  }

  test('without and with devices', async () => {
    const idle = await perParticipant(5, false)
    const active = await perParticipant(4, true)
    report('bench-memory', {
      'server without a meeting (MiB)': idle.empty.toFixed(1),
      'per idle participant (MiB)': idle.each.toFixed(2),
      'per active participant (MiB)': active.each.toFixed(2),
    })
  })
})

describe('starting', () => {
  test('cold and warm', async () => {
    const started = performance.now()
    const server = await Server.start()
    const cold = performance.now() - started
    await server.end()
    const warm = await server.run()
    await server.close()
    report('bench-start', { 'cold, new data folder (ms)': Math.round(cold), 'warm (ms)': Math.round(warm) })
  })
})

/** Runs in the page: clicks and resolves with the milliseconds until a remote video presents its first frame. */
function clickAndWaitForPicture(join: Element): Promise<number> {
  return new Promise((resolve, reject) => {
    const clicked = performance.now()
    const watched = new WeakSet<Element>()
    const look = setInterval(() => {
      for (const video of document.querySelectorAll<HTMLVideoElement>(
        '[data-participant-id]:not([data-self]) video',
      )) {
        if (watched.has(video)) continue
        watched.add(video)
        video.requestVideoFrameCallback((now) => {
          clearInterval(look)
          resolve(now - clicked)
        })
      }
      if (performance.now() - clicked > 20_000) {
        clearInterval(look)
        reject(new Error('no picture'))
      }
    }, 5)
    ;(join as HTMLElement).click()
  })
}

/** The resident memory of the program itself; its PostgreSQL is another process. */
function residentMiB(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5_000))

describe('the web client', () => {
  test('built files', () => {
    const folder = new URL('../dist/assets/', import.meta.url)
    const all = readdirSync(folder).filter((f) => f.endsWith('.gz'))
    const bytes = all.reduce((sum, f) => sum + statSync(new URL(f, folder)).size, 0)
    report('bench-web', { 'all assets (KB gzip)': Math.round(bytes / 1000), files: all.length })
  })
})
