import type { Scope } from '../scope'

/** A short gap heals by itself; after so much of it we ask for new candidates, and go on asking. */
const restartAfterMs = 2_000
const restartAgainMs = 5_000

export interface IceWatch {
  /** The path has a gap; the signaling connection may be dead too. */
  onGap(): void
  /** It is time for an ICE restart. */
  onRestart(): void
}

/** Watches a peer connection over its scope and tells when it needs an ICE restart. */
export function watchIce(scope: Scope, connection: RTCPeerConnection, watch: IceWatch): void {
  let cancel: (() => void) | null = null
  const restart = () => {
    watch.onRestart()
    cancel = scope.timeout(restart, restartAgainMs)
  }
  scope.listen(connection, 'connectionstatechange', () => {
    const state = connection.connectionState
    if (state === 'disconnected') {
      watch.onGap()
      cancel ??= scope.timeout(restart, restartAfterMs)
    } else if (state === 'failed') {
      cancel?.()
      restart()
    } else if (state === 'connected' || state === 'closed') {
      cancel?.()
      cancel = null
    }
  })
}
