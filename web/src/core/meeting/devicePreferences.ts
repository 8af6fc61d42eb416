/** A device as it is remembered: browsers change ids when site data is cleared, the label then still finds it. */
export interface RememberedDevice {
  id: string
  label: string
}

export type RememberedKind = 'microphone' | 'camera' | 'speaker'

const keyOf = (kind: RememberedKind) => `parley.device.${kind}`

export function readDevice(kind: RememberedKind): RememberedDevice | null {
  try {
    const text = localStorage.getItem(keyOf(kind))
    if (!text) return null
    const device = JSON.parse(text) as RememberedDevice
    return typeof device.id === 'string' && typeof device.label === 'string' ? device : null
  } catch {
    return null
  }
}

export function writeDevice(kind: RememberedKind, device: RememberedDevice): void {
  try {
    localStorage.setItem(keyOf(kind), JSON.stringify(device))
  } catch {
    // Storage may be refused; then the choice lasts as long as the page.
  }
}

/** Finds the remembered device among those present, by id, else by label. */
export function findDevice<T extends { deviceId: string; label: string }>(
  present: ReadonlyArray<T>,
  remembered: RememberedDevice | null,
): T | null {
  if (!remembered) return null
  return (
    present.find((device) => device.deviceId === remembered.id) ??
    present.find((device) => device.label !== '' && device.label === remembered.label) ??
    null
  )
}
