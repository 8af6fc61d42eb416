import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { InvitationPage } from '@/features/auth/InvitationPage'
import { PasswordResetPage } from '@/features/auth/PasswordResetPage'
import { SignInPage } from '@/features/auth/SignInPage'
import { SetupPage } from '@/features/setup/SetupPage'
import { demoQuery } from './demo'
import { enter } from './session'

export function SignInRoute() {
  const { next } = useSearch({ from: '/login' })
  const demo = useQuery(demoQuery)
  return (
    <SignInPage
      demo={demo.data !== undefined && demo.data !== null}
      onSignedIn={(user) => enter(user, next)}
    />
  )
}

export function InvitationRoute() {
  const { token } = useParams({ from: '/invite/$token' })
  return <InvitationPage token={token} onSignedIn={(user) => enter(user)} />
}

export function PasswordResetRoute() {
  const { token } = useParams({ from: '/reset/$token' })
  return <PasswordResetPage token={token} />
}

/** The token travels in the fragment, which browsers do not send. */
export function SetupRoute() {
  return (
    <SetupPage token={decodeURIComponent(window.location.hash.slice(1))} onSignedIn={(user) => enter(user)} />
  )
}
