/** What one chose before, in this browser: devices on or off, and a guest's name. */
export interface DeviceChoice {
  microphone: boolean
  camera: boolean
}

const choiceKey = 'parley.prejoin.devices'
const nameKey = 'parley.prejoin.guestName'

export function choiceOf(): DeviceChoice {
  const text = read(choiceKey)
  return { microphone: !text.includes('-microphone'), camera: !text.includes('-camera') }
}

export function rememberChoice({ microphone, camera }: DeviceChoice): void {
  write(choiceKey, `${microphone ? '' : '-microphone'}${camera ? '' : '-camera'}`)
}

export function guestName(): string {
  return read(nameKey)
}

export function rememberGuestName(name: string): void {
  write(nameKey, name)
}

function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? ''
  } catch {
    return ''
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Storage may be refused; the choice then lasts until the page is closed.
  }
}
