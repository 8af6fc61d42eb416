import type { AnyRouter } from '@tanstack/react-router'
import { StateStore } from '@/core/store'

/** True once the server has another build of this page than the one that is open. */
export const newVersion = new StateStore(false)

const askEvery = 5 * 60_000

/**
 * Asks now and then, and when the page is looked at again, whether the server was updated. Going to another page then
 * loads the new version; a meeting is never interrupted.
 */
export function watchVersion(router: AnyRouter): void {
  const mine = document.querySelector<HTMLMetaElement>('meta[name="build"]')?.content
  if (!mine || mine === 'dev') return
  let asked = Date.now()
  const ask = async () => {
    if (document.hidden || !navigator.onLine || Date.now() - asked < askEvery || newVersion.getSnapshot())
      return
    asked = Date.now()
    const theirs = await serverBuild()
    if (theirs && theirs !== mine) newVersion.set(true)
  }
  setInterval(() => void ask(), askEvery)
  document.addEventListener('visibilitychange', () => void ask())
  router.subscribe('onBeforeNavigate', ({ fromLocation, toLocation, pathChanged }) => {
    if (!newVersion.getSnapshot() || !fromLocation || !pathChanged || toLocation.pathname.startsWith('/m/'))
      return
    window.location.assign(toLocation.href)
  })
}

async function serverBuild(): Promise<string | null> {
  try {
    const response = await fetch('/build.json', { cache: 'no-store' })
    const answer: unknown = response.ok ? await response.json() : null
    return typeof answer === 'object' && answer && 'build' in answer ? String(answer.build) : null
  } catch {
    return null
  }
}
