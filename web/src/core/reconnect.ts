import type { Scope } from './scope'

/**
 * How long to wait before the next attempt: nothing before the first, then doubling from a quarter of a second up to
 * maxMs, each shortened by up to a half at random so that many clients do not come back in step.
 */
export function retryDelayMs(attempt: number, maxMs: number, random: () => number = Math.random): number {
  if (attempt === 0) return 0
  const full = Math.min(maxMs, 250 * 2 ** Math.min(attempt - 1, 10))
  return Math.round(full * (1 - random() / 2))
}

/** Tells when it is worth trying at once: the network is back or has changed, or the page is looked at again. */
export function onWake(scope: Scope, wake: () => void): void {
  if (typeof window === 'undefined') return
  onNetworkChange(scope, wake)
  scope.listen(window, 'pageshow', wake)
  scope.listen(document, 'visibilitychange', () => {
    if (document.visibilityState === 'visible') wake()
  })
}

/** Tells when the network is back, or when it is another one where the browser knows (Chromium on phones). */
export function onNetworkChange(scope: Scope, changed: () => void): void {
  if (typeof window === 'undefined') return
  scope.listen(window, 'online', changed)
  const connection = (navigator as Navigator & { connection?: EventTarget & { type?: string } }).connection
  if (!connection || connection.type === undefined) return
  let type = connection.type
  scope.listen(connection, 'change', () => {
    if (connection.type === type) return
    type = connection.type ?? type
    changed()
  })
}

/** The address of a WebSocket on the server that served the page, or on `base`. */
export function socketUrl(path: string, base: string = location.href): string {
  const url = new URL(path, base)
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:'
  return url.href
}
