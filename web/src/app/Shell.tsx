import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouter } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { meQuery } from '@/core/api/queries'
import type { Me } from '@/core/api/types'
import { Icon, type IconName } from '@/ui/Icon'
import { Logo } from '@/ui/Logo'
import { AccountMenu } from './AccountMenu'
import { Banners } from './Banners'
import { useCompanyEvents } from './useCompanyEvents'
import './shell.css'

interface Place {
  to: '/meetings' | '/boards' | '/directory' | '/admin' | '/profile'
  label: 'shell.meetings' | 'shell.boards' | 'shell.directory' | 'shell.admin' | 'shell.me'
  icon: IconName
}

const modules: (Place & { module: string })[] = [
  { module: 'meetings', to: '/meetings', label: 'shell.meetings', icon: 'cam' },
  { module: 'boards', to: '/boards', label: 'shell.boards', icon: 'board' },
  { module: 'directory', to: '/directory', label: 'shell.directory', icon: 'card' },
]
const adminPlace: Place = { to: '/admin', label: 'shell.admin', icon: 'shield' }
const mePlace: Place = { to: '/profile', label: 'shell.me', icon: 'user' }

/** The frame around the pages of those who are signed in: the rail, or on a phone the bar at the bottom. */
export function Shell() {
  const { t } = useTranslation()
  const { data: me } = useQuery(meQuery)
  const page = useRef<HTMLElement>(null)
  useSignedOutRedirect(me)
  useFocusOnNavigation(page)
  useCompanyEvents()
  if (!me) return null
  const places = modules.filter(({ module }) => me.modules.includes(module))
  return (
    <>
      <a className="skip" href="#page">
        {t('shell.skip')}
      </a>
      <div className="app">
        <nav className="rail" aria-label={t('shell.nav')}>
          <Link className="logo" to="/meetings" aria-label={t('appName')}>
            <Logo />
          </Link>
          {places.map((place) => (
            <RailItem key={place.to} place={place} />
          ))}
          <span className="rail-gap" />
          {me.user.role !== 'member' && <RailItem place={adminPlace} />}
          <AccountMenu me={me} />
        </nav>
        <div className="app-main">
          <Banners />
          <main className="app-page" id="page" tabIndex={-1} ref={page}>
            <Outlet />
          </main>
        </div>
        <nav className="tabbar" aria-label={t('shell.nav')}>
          {[...places, mePlace].map((place) => (
            <Link key={place.to} to={place.to} activeProps={{ 'aria-current': 'page' }}>
              <Icon name={place.icon} size={24} />
              {t(place.label)}
            </Link>
          ))}
        </nav>
      </div>
    </>
  )
}

function RailItem({ place }: { place: Place }) {
  const { t } = useTranslation()
  return (
    <Link className="rail-item" to={place.to} activeProps={{ 'aria-current': 'page' }}>
      <span className="rail-ico">
        <Icon name={place.icon} />
      </span>
      <span>{t(place.label)}</span>
    </Link>
  )
}

/** A session that ended, here or elsewhere, leads to the sign-in page and back. */
function useSignedOutRedirect(me: Me | null | undefined) {
  const navigate = useNavigate()
  const router = useRouter()
  useEffect(() => {
    if (me !== null) return
    void navigate({ to: '/login', search: { next: router.state.location.href }, replace: true })
  }, [me, navigate, router])
}

/** After going to another page the keyboard and the screen reader go on from its beginning. */
function useFocusOnNavigation(page: { current: HTMLElement | null }) {
  const router = useRouter()
  useEffect(
    () =>
      router.subscribe('onResolved', ({ fromLocation, toLocation }) => {
        if (!fromLocation || fromLocation.pathname === toLocation.pathname) return
        const headings = page.current?.querySelectorAll<HTMLElement>('[data-page-heading]')
        const target = headings?.[headings.length - 1] ?? page.current
        target?.focus({ preventScroll: true })
      }),
    [router, page],
  )
}
