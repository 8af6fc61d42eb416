import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './harness/call'
import { type Account, type Meeting, twoMembers } from './harness/company'
import { overflow, seriousProblems } from './harness/look'
import { artifacts } from './harness/paths'
import { Server } from './harness/server'

interface Door {
  url: string
  token: string
}

describe('streams into and out of a meeting', () => {
  let server: Server
  let owner: Account
  let meeting: Meeting
  let maya: Person
  let studio: Person
  let sending: Door
  let showing: Door
  let player: Page

  beforeAll(async () => {
    server = await Server.start()
    ;({ owner, meeting } = await twoMembers(server))
    maya = await Person.open({ url: server.url, account: owner, identity: 1 })
    studio = await Person.open({
      url: server.url,
      identity: 3,
      // A page that no server sent counts as one of the internet, which may not reach this machine.
      args: ['--disable-features=LocalNetworkAccessChecks'],
    })
    await studio.context.route('http://localhost/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: '<title>Studio</title><video autoplay playsinline muted>',
      }),
    )
    await maya.join(meeting.code)
    await maya.button(/^Mute/).click() // the player shows who speaks
  })

  afterAll(async () => {
    await studio?.close()
    await maya?.close()
    await server?.close()
  })

  test('a host makes tokens, in both languages', async () => {
    sending = await makeToken('en', 'OBS', /^Send a stream/)
    showing = await makeToken('zh-CN', '大厅', /^在别处播放/)
    expect(sending.url).toBe(`${server.url}/whip/${meeting.code}`)
    expect(showing.url).toBe(`${server.url}/whep/${meeting.code}`)
  })

  test('a page of another site sends a stream with layers', async () => {
    const page = await studio.context.newPage()
    await page.goto('http://localhost/')
    expect(await page.evaluate(sendStream, sending)).toEqual({ status: 201, layers: 3 })
    await maya.sees('OBS', 3)
  })

  test('a player shows the stream, and who is in when it is stopped', async () => {
    player = await studio.context.newPage()
    await player.goto('http://localhost/')
    expect(await player.evaluate(showMeeting, showing)).toBe(201)
    await shows(3)
    await maya.button(/^People/).click()
    await expect.poll(() => maya.row('大厅').textContent()).toContain('Shows the meeting elsewhere')
    await expect.poll(() => maya.row('OBS').textContent()).toContain('Stream')
    expect(await maya.tile('大厅').count()).toBe(0)
    await maya.page.screenshot({ path: `${artifacts}/streams-people.png` })
    await maya.act('OBS', 'Stop camera')
    await shows(1)
    await maya.act('OBS', 'Show the picture again')
    await maya.sees('OBS', 3)
    await shows(3)
  })

  test('a stream whose token is revoked leaves', async () => {
    const host = await Person.open({ url: server.url, account: owner })
    await host.page.goto(`${server.url}/meetings/${meeting.id}`)
    const row = host.page.locator('#streams li', { hasText: 'OBS' })
    await row.getByRole('button', { name: 'Revoke' }).click()
    await host.confirm('Revoke')
    await expect.poll(() => row.count()).toBe(0)
    await expect.poll(() => maya.tile('OBS').count()).toBe(0)
    await shows(1)
    await host.close()
  })

  /** Makes a token as the organizer and returns what the dialog shows once. */
  async function makeToken(locale: 'en' | 'zh-CN', name: string, right: RegExp): Promise<Door> {
    await owner.call('PATCH', '/me', { locale })
    const host = await Person.open({ url: server.url, account: owner, locale })
    const { page } = host
    await page.goto(`${server.url}/meetings/${meeting.id}`)
    const part = page.locator('#streams')
    await part.getByRole('button').last().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').fill(name)
    await dialog.getByRole('combobox').first().click()
    await page.locator('.ant-select-item-option').filter({ hasText: right }).click()
    await page.screenshot({ path: `${artifacts}/streams-form-${locale}.png` })
    await dialog.locator('button[type=submit]').click()
    const texts = dialog.locator('code')
    await texts.nth(1).waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    await page.screenshot({ path: `${artifacts}/streams-token-${locale}.png` })
    const [url = '', token = ''] = await texts.allTextContents()
    await dialog.getByRole('button').last().click()
    await part.locator('li', { hasText: name }).waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    await part.scrollIntoViewIfNeeded()
    await page.screenshot({ path: `${artifacts}/streams-list-${locale}.png` })
    await host.close()
    await owner.call('PATCH', '/me', { locale: 'en' })
    return { url, token }
  }

  /** Waits until the player's picture is that of an identity. */
  async function shows(identity: number): Promise<void> {
    await expect
      .poll(() => player.locator('video').evaluate((v) => window.probe.code(v as HTMLVideoElement)?.id), {
        message: `the player shows ${identity}`,
      })
      .toBe(identity)
  }
})

/** Runs in the page: WHIP. */
async function sendStream({ url, token }: Door): Promise<{ status: number; layers: number }> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: 1280, height: 720 },
    audio: true,
  })
  const connection = new RTCPeerConnection()
  for (const track of stream.getTracks()) {
    const sendEncodings =
      track.kind === 'video'
        ? [4, 2, 1].map((scaleResolutionDownBy, i) => ({ rid: ['q', 'h', 'f'][i], scaleResolutionDownBy }))
        : []
    connection.addTransceiver(track, { direction: 'sendonly', streams: [stream], sendEncodings })
  }
  await connection.setLocalDescription()
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
    body: connection.localDescription?.sdp ?? '',
  })
  const sdp = await answer.text()
  if (answer.ok) await connection.setRemoteDescription({ type: 'answer', sdp })
  const layers = (sdp.match(/a=rid:\w+ recv/g) ?? []).length
  return { status: answer.status, layers }
}

/** Runs in the page: WHEP. */
async function showMeeting({ url, token }: Door): Promise<number> {
  const connection = new RTCPeerConnection()
  connection.addTransceiver('video', { direction: 'recvonly' })
  connection.addTransceiver('audio', { direction: 'recvonly' })
  connection.ontrack = ({ streams }) => {
    const video = document.querySelector('video')
    if (video && streams[0]) video.srcObject = streams[0]
  }
  await connection.setLocalDescription()
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
    body: connection.localDescription?.sdp ?? '',
  })
  const sdp = await answer.text()
  if (answer.ok) await connection.setRemoteDescription({ type: 'answer', sdp })
  return answer.status
}
