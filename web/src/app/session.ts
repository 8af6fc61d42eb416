import { api, send } from '@/core/api/client'
import { forgetAnswers } from '@/core/api/keptAnswers'
import { meQuery, queryClient } from '@/core/api/queries'
import type { User } from '@/core/api/types'
import { forgetBoards } from '@/core/boards/kept'
import { isLocale, type Locale, setLocale } from '@/i18n'
import { toast } from '@/ui/Toast'
import { router } from './router'

/** A session has begun: what an earlier one knew is dropped, and the person's own language applies. */
export async function enter(user: Pick<User, 'locale'>, next = '/meetings'): Promise<void> {
  queryClient.clear()
  forgetAnswers()
  if (isLocale(user.locale)) await setLocale(user.locale)
  const me = await queryClient.fetchQuery(meQuery)
  // What somebody else drew in this browser and did not sign out of is not for this person's eyes.
  if (me) await forgetBoards(`user:${me.user.id}`)
  await router.navigate({ href: safeNext(next), replace: true })
}

/** Only places of this origin can be gone to after signing in. */
export function safeNext(next: string): string {
  return /^\/(?![/\\])/.test(next) ? next : '/meetings'
}

export async function signOut(): Promise<void> {
  try {
    await send(api.DELETE('/sessions/current'))
  } catch (error) {
    toast.failed(error)
    return
  }
  forgetAnswers()
  await forgetBoards()
  queryClient.clear()
  queryClient.setQueryData(meQuery.queryKey, null)
  await router.navigate({ to: '/login', replace: true })
}

/** Changes the language here and, for other devices, in the account. */
export async function chooseLocale(locale: Locale): Promise<void> {
  await setLocale(locale)
  try {
    queryClient.setQueryData(meQuery.queryKey, await send(api.PATCH('/me', { body: { locale } })))
  } catch (error) {
    toast.failed(error)
  }
}
