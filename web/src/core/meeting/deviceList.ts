import type { LocalMedia } from './state'

type Devices = LocalMedia['devices']

export const noDevices: Devices = { microphones: [], cameras: [], speakers: [] }

/** The devices that can be chosen. Before a permission browsers list them without ids; "communications" is a double. */
export function groupDevices(found: ReadonlyArray<MediaDeviceInfo>): Devices {
  const usable = found.filter((device) => device.deviceId !== '' && device.deviceId !== 'communications')
  return {
    microphones: usable.filter((device) => device.kind === 'audioinput'),
    cameras: usable.filter((device) => device.kind === 'videoinput'),
    speakers: usable.filter((device) => device.kind === 'audiooutput'),
  }
}

/** Devices that were plugged in. A list that was empty before was only hidden, so nothing in it is new. */
export function newDevices(before: Devices, after: Devices): MediaDeviceInfo[] {
  return [
    ...added(before.microphones, after.microphones),
    ...added(before.cameras, after.cameras),
    ...added(before.speakers, after.speakers),
  ]
}

function added(
  before: ReadonlyArray<MediaDeviceInfo>,
  after: ReadonlyArray<MediaDeviceInfo>,
): MediaDeviceInfo[] {
  if (before.length === 0) return []
  const known = new Set(before.map((device) => device.deviceId))
  return after.filter((device) => device.deviceId !== 'default' && !known.has(device.deviceId))
}
