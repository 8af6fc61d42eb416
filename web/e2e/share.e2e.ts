import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { type Account, type Meeting, twoMembers } from './harness/company'
import { Server } from './harness/server'

const title = 'Parley share sample'
const cell = 4 // CSS pixels: about the stroke of a letter in body text

describe('sharing a screen', () => {
  let server: Server
  let meeting: Meeting
  let owner: Account
  let kenjiAccount: Account
  let maya: Person
  let kenji: Person

  beforeAll(async () => {
    server = await Server.start()
    ;({ owner, second: kenjiAccount, meeting } = await twoMembers(server))
    maya = await Person.open({
      url: server.url,
      account: owner,
      args: [`--auto-select-tab-capture-source-by-title=${title}`],
      asksForDevices: true, // Chromium's fake prompt would choose its fake screen
    })
    kenji = await Person.open({ url: server.url, account: kenjiAccount, identity: 2 })
    await maya.join(meeting.code)
    await kenji.join(meeting.code)
  })

  afterAll(async () => {
    await maya?.close()
    await kenji?.close()
    await server?.close()
  })

  test('text is sharp at full resolution', async () => {
    const sample = await openSample(maya)
    await sample.evaluate(paintSample, cell)
    await maya.page.bringToFront()
    await maya.button(/^Share screen/).click()
    await expect.poll(() => shareSize(kenji)).toEqual({ width: 1440, height: 900 })
    await expect.poll(() => wrongCells(kenji)).toBeLessThan(0.005)
  })

  test('a late viewer gets the share at once', async () => {
    const late = await Person.open({ url: server.url, account: kenjiAccount })
    try {
      await late.join(meeting.code)
      await expect.poll(() => wrongCells(late)).toBeLessThan(0.005)
    } finally {
      await late.close()
    }
  })

  test('two share at once, and a viewer switches between them', async () => {
    const second = await Person.open({
      url: server.url,
      account: kenjiAccount,
      args: [`--auto-select-tab-capture-source-by-title=${title}`],
      asksForDevices: true, // Chromium's fake prompt would choose its fake screen
    })
    try {
      await openSample(second)
      await second.page.bringToFront()
      await second.join(meeting.code)
      await second.button(/^Share screen/).click()
      await kenji.page
        .getByText(/2 \/ 2|1 \/ 2/)
        .first()
        .waitFor()
      // A browser that vanishes is waited for, and so is its share.
      await second.button(/^Stop sharing/).click()
    } finally {
      await second.close()
    }
  })

  test('the share ends for everybody', async () => {
    await maya.button(/^Stop sharing/).click()
    await expect.poll(() => shareSize(kenji)).toBeNull()
  })
})

/** Opens the page that Chromium's tab capture is told to choose. */
async function openSample(person: Person): Promise<Page> {
  const body = `<title>${title}</title><body style="margin:0"><canvas width="1440" height="900"></canvas></body>`
  await person.context.route('http://sample.test/', (route) =>
    route.fulfill({ contentType: 'text/html', body }),
  )
  const page = await person.context.newPage()
  await page.goto('http://sample.test/')
  return page
}

/** Runs in the page: paints cells of pseudo-random black and white. */
function paintSample(size: number): void {
  const context = document.querySelector('canvas')?.getContext('2d')
  if (!context) throw new Error('no canvas')
  for (let y = 0; y < 900 / size; y++) {
    for (let x = 0; x < 1440 / size; x++) {
      const bit = (Math.imul(x * 7919 + y * 104729 + 1, 2654435761) >>> 16) & 1
      context.fillStyle = bit ? '#fff' : '#000'
      context.fillRect(x * size, y * size, size, size)
    }
  }
}

/** The pixel size of the share that somebody sees, null without one. */
function shareSize(person: Person): Promise<{ width: number; height: number } | null> {
  return person.page.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>('[data-share] video')
    return video?.videoWidth ? { width: video.videoWidth, height: video.videoHeight } : null
  })
}

/** The fraction of cells that a viewer sees in the wrong colour, 1 without a picture. */
function wrongCells(person: Person): Promise<number> {
  return person.page.evaluate((size) => {
    const video = document.querySelector<HTMLVideoElement>('[data-share] video')
    if (video?.videoWidth !== 1440) return 1
    const canvas = document.createElement('canvas')
    canvas.width = 1440
    canvas.height = 900
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) return 1
    context.drawImage(video, 0, 0)
    const pixels = context.getImageData(0, 0, 1440, 900).data
    let wrong = 0
    let all = 0
    for (let y = 0; y < 900 / size; y++) {
      for (let x = 0; x < 1440 / size; x++) {
        const bit = (Math.imul(x * 7919 + y * 104729 + 1, 2654435761) >>> 16) & 1
        const grey = pixels[((y * size + size / 2) * 1440 + x * size + size / 2) * 4] ?? 0
        all++
        if (grey > 128 !== (bit === 1)) wrong++
      }
    }
    return wrong / all
  }, cell)
}
