import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from './harness/browsers'
import { Person, type Visitor } from './harness/call'
import { type Account, invite, type Meeting, makeCompany, startMeeting } from './harness/company'
import { Server } from './harness/server'

describe('the way in', () => {
  let server: Server
  let owner: Account
  let meeting: Meeting
  let plain: Browser
  const opened: Person[] = []

  beforeAll(async () => {
    server = await Server.start()
    owner = await makeCompany(server)
    meeting = await startMeeting(owner)
    plain = await launchChromium()
  })

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((person) => person.close()))
  })

  afterAll(async () => {
    await plain?.close()
    await server?.close()
  })

  async function open(visitor: Omit<Visitor, 'url'>): Promise<Person> {
    const person = await Person.open({ url: server.url, ...visitor })
    opened.push(person)
    return person
  }

  test('without any device one is told, and joins without', async () => {
    const guest = await open({ browser: plain })
    await guest.visit(meeting.code)
    await guest.reads('No device was found for camera and microphone')
    await guest.page.getByLabel('Your name').fill('Daniel Park')
    await guest.page
      .getByRole('alert')
      .getByRole('button', { name: /^Join without/ })
      .click()
    await guest.onStage()
  })

  test('without a camera one is heard all the same', async () => {
    const guest = await open({ builtinCameras: 0 })
    await guest.visit(meeting.code)
    await guest.reads('No device was found for the camera')
    await guest.button(/^Mute/).waitFor()
    await guest.page.getByLabel('Your name').fill('Daniel Park')
    await guest.page.getByRole('alert').getByRole('button', { name: 'Join without the camera' }).click()
    await guest.onStage()
    await guest.button(/^Mute/).waitFor()
  })

  test('a refusal is explained, and taken back it connects by itself', async () => {
    const guest = await open({ builtinCameras: 1, asksForDevices: true })
    await guest.context.grantPermissions([])
    await guest.visit(meeting.code)
    await guest.reads('The browser did not allow camera and microphone')
    await guest.context.grantPermissions(['camera', 'microphone'])
    await guest.page.locator('video').waitFor()
    await expect.poll(() => guest.page.getByRole('alert').count()).toBe(0)
  })

  test('a camera that another program uses is opened at the second try', async () => {
    const guest = await open({ identity: 1 })
    await guest.context.addInitScript(keepCameraBusy)
    await guest.visit(meeting.code)
    await guest.reads('Another program is using the camera')
    await guest.page.evaluate(() => Reflect.deleteProperty(navigator.mediaDevices, 'getUserMedia'))
    await guest.button('Try again').click()
    await guest.page.locator('video').waitFor()
  })

  test('sound that the browser blocks is heard after a click', async () => {
    const kenjiAccount = await invite(server, owner, 'Kenji Mori', 'kenji')
    const maya = await open({ account: owner, identity: 1 })
    const kenji = await open({ account: kenjiAccount, blocksAutoplay: true })
    await maya.join(meeting.code)
    await kenji.join(meeting.code)
    await kenji.context.addInitScript(tellOfPlaying)
    // Whatever looks into the page counts as a gesture there, so that nothing may before the sound was tried.
    const tried = kenji.page.waitForEvent('console', (line) => line.text().startsWith('sound '))
    await kenji.page.reload()
    expect((await tried).text()).toBe('sound blocked')
    await kenji.reads('The browser does not play sound until you click')
    await kenji.button('Click to hear').click()
    await expect.poll(() => kenji.page.getByText('The browser does not play sound').count()).toBe(0)
    await expect
      .poll(() =>
        kenji.page
          .locator('audio[data-participant-id]')
          .evaluateAll((all) => all.map((a) => (a as HTMLAudioElement).paused)),
      )
      .toEqual([false])
  })

  test('in Chinese, from the first page to the last', async () => {
    const account = await invite(server, owner, '陈雨桐', 'yutong', 'zh-CN')
    const yutong = await open({ account, identity: 2, locale: 'zh-CN' })
    const { page } = yutong
    await page.goto(server.url)
    await yutong.button(/^立即开会/).click()
    await yutong.button(/^(开始会议|加入)$/).click()
    await yutong.button(/^离开/).waitFor()
    await yutong.sees('陈雨桐', 2)
    await yutong.button(/^举手/).click()
    await yutong.button(/^成员，1 人/).click()
    await yutong.reads('举手 · 1')
    await yutong.button(/^离开/).click()
    await page.getByRole('menuitem', { name: /^结束会议|^全员结束|结束/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: /结束/ }).click()
    await yutong.reads('会议已结束')
    await yutong.button('返回会议').click()
    await yutong.button(/^立即开会/).waitFor()
    const latin = await page.locator('main').innerText()
    expect(latin).not.toMatch(/\b(Meeting|Join|Start|Leave|People)\b/)
  })
})

/** Runs in the page: the camera is in use elsewhere, the microphone is not. */
function keepCameraBusy(): void {
  const { mediaDevices } = navigator
  mediaDevices.getUserMedia = (wanted) =>
    wanted?.video
      ? Promise.reject(new DOMException('Could not start video source', 'NotReadableError'))
      : MediaDevices.prototype.getUserMedia.call(mediaDevices, wanted)
}

/** Runs in the page: says on the console whether the browser plays what it is told to. */
function tellOfPlaying(): void {
  const { play } = HTMLMediaElement.prototype
  HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
    const playing = play.call(this)
    playing.then(
      () => console.info('sound plays'),
      () => console.info('sound blocked'),
    )
    return playing
  }
}
