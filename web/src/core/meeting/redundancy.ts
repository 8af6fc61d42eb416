/** What is measured of the uplink. */
export interface Uplink {
  /** Share of the packets that did not come, retransmissions counted in. */
  loss: number
  /** What the browser believes the link carries in bits per second; null when it does not tell. */
  availableBitsPerSecond: number | null
}

const begins = 0.02
const ends = 0.01
const endsAfterMs = 20_000
/** Below this, twice the sound would add to what loses it. */
const leastBitsPerSecond = 200_000

/**
 * Whether the microphone sends every packet twice (RFC 2198): while packets stay lost although they are asked for again,
 * and for a while after.
 */
export class Redundancy {
  #on = false
  #calmSince = 0

  next({ loss, availableBitsPerSecond }: Uplink, nowMs: number): boolean {
    if ((availableBitsPerSecond ?? leastBitsPerSecond) < leastBitsPerSecond) {
      this.#on = false
    } else if (loss >= begins) {
      this.#on = true
      this.#calmSince = nowMs
    } else if (loss >= ends) {
      this.#calmSince = nowMs
    } else if (nowMs - this.#calmSince > endsAfterMs) {
      this.#on = false
    }
    return this.#on
  }
}
