import { useQuery } from '@tanstack/react-query'
import { meQuery } from '@/core/api/queries'
import { ProfilePage } from '@/features/profile/ProfilePage'
import { chooseLocale, signOut } from './session'

export function ProfileRoute() {
  const { data: me } = useQuery(meQuery)
  if (!me) return null
  return (
    <ProfilePage me={me} onLocale={(locale) => void chooseLocale(locale)} onSignOut={() => void signOut()} />
  )
}
