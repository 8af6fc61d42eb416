import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeMediaDevices, FakeStream } from '../testing/fakeMedia'
import { type DeviceNotice, LocalMediaController } from './localMedia'

let devices: FakeMediaDevices
let media: LocalMediaController
let notices: DeviceNotice[]
let permissions: Record<string, PermissionState>

const settle = () => new Promise((resolve) => setTimeout(resolve))

beforeEach(() => {
  devices = new FakeMediaDevices()
  devices.add('audioinput', 'mic-1')
  devices.add('audioinput', 'mic-2')
  devices.add('videoinput', 'cam-1')
  devices.add('audiooutput', 'speaker-1')
  vi.stubGlobal('MediaStream', FakeStream)
  vi.stubGlobal('isSecureContext', true)
  Object.defineProperty(navigator, 'mediaDevices', { value: devices, configurable: true })
  permissions = { microphone: 'prompt', camera: 'prompt' }
  const query = ({ name }: { name: string }) => Promise.resolve({ state: permissions[name] })
  Object.defineProperty(navigator, 'permissions', { value: { query }, configurable: true })
  localStorage.clear()
  media = new LocalMediaController()
  notices = []
  media.onNotice((notice) => notices.push(notice))
})

afterEach(() => {
  media.stop()
  vi.unstubAllGlobals()
})

describe('start', () => {
  it('asks once for both', async () => {
    await media.start({ microphone: true, camera: true })
    expect(devices.asked).toHaveLength(1)
    expect(media.getSnapshot()).toMatchObject({ microphone: { state: 'on' }, camera: { state: 'on' } })
    expect(media.getSnapshot().devices.microphones).toHaveLength(2)
  })

  it.each([
    ['video', 'NotFoundError', { microphone: { state: 'on' }, camera: { state: 'failed', why: 'notFound' } }],
    ['video', 'NotReadableError', { microphone: { state: 'on' }, camera: { state: 'failed', why: 'inUse' } }],
    ['audio', 'NotFoundError', { microphone: { state: 'failed', why: 'notFound' }, camera: { state: 'on' } }],
  ] as const)('a %s device with %s leaves the other', async (kind, name, expected) => {
    devices.refuse = { [kind]: { name } }
    await media.start({ microphone: true, camera: true })
    expect(media.getSnapshot()).toMatchObject(expected)
  })

  it('a camera that alone is refused leaves the microphone', async () => {
    permissions = { microphone: 'granted', camera: 'denied' }
    devices.refuse = { video: { name: 'NotAllowedError' } }
    await media.start({ microphone: true, camera: true })
    expect(media.getSnapshot()).toMatchObject({
      microphone: { state: 'on' },
      camera: { state: 'failed', why: 'denied' },
    })
  })

  it('a refusal of both is not asked again', async () => {
    devices.refuse = { audio: { name: 'NotAllowedError' }, video: { name: 'NotAllowedError' } }
    await media.start({ microphone: true, camera: true })
    expect(devices.asked).toHaveLength(1)
    expect(media.getSnapshot().camera).toEqual({ state: 'failed', why: 'denied' })
  })

  it('opens nothing when nothing is wanted', async () => {
    await media.start({ microphone: false, camera: false })
    expect(devices.asked).toHaveLength(0)
    expect(media.getSnapshot().microphone).toEqual({ state: 'off' })
  })

  it('says insecure without TLS', async () => {
    vi.stubGlobal('isSecureContext', false)
    await media.start({ microphone: true, camera: true })
    expect(media.getSnapshot().microphone).toEqual({ state: 'failed', why: 'insecure' })
  })
})

describe('switching', () => {
  it('a microphone that is switched off is muted and keeps its track', async () => {
    await media.start({ microphone: true, camera: false })
    await media.setMicrophone(false)
    expect(media.getSnapshot().microphone).toEqual({ state: 'muted' })
    expect(media.microphoneTrack?.enabled).toBe(false)
    await media.setMicrophone(true)
    expect(media.microphoneTrack?.enabled).toBe(true)
    expect(devices.asked).toHaveLength(1)
  })

  it('a camera that is switched off is stopped', async () => {
    await media.start({ microphone: false, camera: true })
    await media.setCamera(false)
    expect(devices.opened[0]?.readyState).toBe('ended')
    expect(media.cameraTrack).toBeNull()
    expect(media.getSnapshot()).toMatchObject({ camera: { state: 'off' }, cameraStream: null })
  })

  it('of quick wishes the last one counts, and no device stays open', async () => {
    void media.setCamera(true)
    void media.setCamera(false)
    void media.setCamera(true)
    await media.setCamera(false)
    expect(media.getSnapshot().camera).toEqual({ state: 'off' })
    expect(devices.opened.every((track) => track.readyState === 'ended')).toBe(true)
  })

  it('stop lets go of everything, also of what is still being opened', async () => {
    const starting = media.start({ microphone: true, camera: true })
    media.stop()
    await starting
    expect(devices.opened.every((track) => track.readyState === 'ended')).toBe(true)
  })
})

describe('choosing', () => {
  it('remembers the device for the next time', async () => {
    await media.start({ microphone: true, camera: false })
    await media.selectMicrophone('mic-2')
    expect(media.getSnapshot().selected.microphoneId).toBe('mic-2')
    const next = new LocalMediaController()
    await next.start({ microphone: true, camera: false })
    expect(next.getSnapshot().selected.microphoneId).toBe('mic-2')
    next.stop()
  })

  it('finds a remembered device by its label when its id has changed', async () => {
    localStorage.setItem('parley.device.microphone', JSON.stringify({ id: 'old', label: 'label of mic-2' }))
    await media.start({ microphone: true, camera: false })
    expect(media.getSnapshot().selected.microphoneId).toBe('mic-2')
  })

  it('takes any other when the chosen one is gone', async () => {
    await media.start({ microphone: true, camera: false })
    await media.selectMicrophone('gone')
    expect(media.getSnapshot().microphone).toEqual({ state: 'on' })
    expect(media.microphoneTrack?.getSettings().deviceId).toBe('mic-1')
  })

  it('stays muted over an exchange', async () => {
    await media.start({ microphone: true, camera: false })
    await media.setMicrophone(false)
    await media.selectMicrophone('mic-2')
    expect(media.microphoneTrack?.enabled).toBe(false)
    expect(media.getSnapshot().microphone).toEqual({ state: 'muted' })
  })
})

describe('plugging', () => {
  it('a device that is pulled out gives way to the default one, with a notice', async () => {
    await media.start({ microphone: true, camera: false })
    await media.selectMicrophone('mic-2')
    devices.devices = devices.devices.filter((device) => device.deviceId !== 'mic-2')
    devices.opened.at(-1)?.unplug()
    await settle()
    expect(media.getSnapshot().microphone).toEqual({ state: 'on' })
    expect(media.microphoneTrack?.getSettings().deviceId).toBe('mic-1')
    expect(notices).toEqual([
      { kind: 'deviceLost', device: { id: '', label: 'label of mic-2', kind: 'audioinput' } },
    ])
  })

  it('the last device that is pulled out is said to be missing', async () => {
    await media.start({ microphone: false, camera: true })
    devices.devices = devices.devices.filter((device) => device.kind !== 'videoinput')
    devices.opened.at(-1)?.unplug()
    await settle()
    expect(media.getSnapshot().camera).toEqual({ state: 'failed', why: 'notFound' })
  })

  it('a new device is told', async () => {
    await media.start({ microphone: true, camera: false })
    devices.add('audioinput', 'headset')
    devices.dispatchEvent(new Event('devicechange'))
    await settle()
    expect(notices).toEqual([
      { kind: 'deviceNew', device: { id: 'headset', label: 'label of headset', kind: 'audioinput' } },
    ])
  })
})
