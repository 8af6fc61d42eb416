import type { Candidate, Target } from './wire'

/** Our own candidate as a message; null, the end of candidates, is the empty one. */
export function candidateMessage(target: Target, candidate: RTCIceCandidate | null): Candidate {
  if (!candidate) return { target, candidate: '' }
  return {
    target,
    candidate: candidate.candidate,
    ...(candidate.sdpMid ? { sdpMid: candidate.sdpMid } : {}),
    ...(candidate.sdpMLineIndex === null ? {} : { sdpMLineIndex: candidate.sdpMLineIndex }),
    ...(candidate.usernameFragment ? { usernameFragment: candidate.usernameFragment } : {}),
  }
}

/** The server's candidates, held back until the description they belong to is set. */
export class RemoteCandidates {
  readonly #connection: RTCPeerConnection
  #early: Candidate[] = []
  #held = false

  constructor(connection: RTCPeerConnection) {
    this.#connection = connection
  }

  add(candidate: Candidate): void {
    if (this.#connection.remoteDescription && !this.#held) this.#apply(candidate)
    else this.#early.push(candidate)
  }

  /** A new remote description is on its way; what comes now belongs to it. */
  hold(): void {
    this.#held = true
  }

  /** The remote description is set. */
  flush(): void {
    this.#held = false
    for (const candidate of this.#early) this.#apply(candidate)
    this.#early = []
  }

  #apply(candidate: Candidate): void {
    const init: RTCIceCandidateInit = {
      candidate: candidate.candidate,
      sdpMid: candidate.sdpMid ?? '0',
      ...(candidate.sdpMLineIndex === undefined ? {} : { sdpMLineIndex: candidate.sdpMLineIndex }),
      ...(candidate.usernameFragment ? { usernameFragment: candidate.usernameFragment } : {}),
    }
    this.#connection.addIceCandidate(init).catch(() => {
      // A candidate of a generation that is over, or of a kind the browser cannot use; others remain.
    })
  }
}
