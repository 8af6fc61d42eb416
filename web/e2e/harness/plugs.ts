/**
 * Chromium's fake devices stay plugged in, so a page is made to believe otherwise. These run in the page and must not use
 * anything outside themselves.
 */

/** Takes the device with this label away: its track ends, and nothing lists or opens it any more. */
export function unplug(label: string): void {
  const { mediaDevices } = navigator
  mediaDevices.enumerateDevices = async () =>
    (await MediaDevices.prototype.enumerateDevices.call(mediaDevices)).filter((d) => d.label !== label)
  for (const { srcObject } of document.querySelectorAll('video')) {
    for (const track of (srcObject as MediaStream | null)?.getVideoTracks() ?? []) {
      if (track.label !== label) continue
      track.stop()
      track.dispatchEvent(new Event('ended'))
    }
  }
  mediaDevices.dispatchEvent(new Event('devicechange'))
}

/** Brings what was unplugged back. */
export function plug(): void {
  Reflect.deleteProperty(navigator.mediaDevices, 'enumerateDevices')
  navigator.mediaDevices.dispatchEvent(new Event('devicechange'))
}
