import type { ConnectionQuality } from './state'

/** How long what comes over a strained link is held before it is played, in milliseconds, so that what comes late counts. */
const patienceMs = 250

const strainedUp = new Set(['uplinkBandwidth', 'uplinkLoss'])
const strainedDown = new Set(['downlinkBandwidth', 'downlinkLoss'])

/**
 * The least delay of somebody's sound and picture: none where links are good, a quarter of a second while the uplink at its
 * beginning or one's own downlink is thin or loses packets, which then come in waves.
 */
export function patienceFor(
  sender: ConnectionQuality | undefined,
  self: ConnectionQuality | undefined,
): number | null {
  const strained = strainedUp.has(sender?.reason ?? '') || strainedDown.has(self?.reason ?? '')
  return strained ? patienceMs : null
}
