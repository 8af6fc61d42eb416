import { Link, Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Icon, type IconName } from '@/ui/Icon'
import { usePageTitle } from '@/ui/usePage'
import './admin.css'

const places = [
  { to: '/admin/people', label: 'people.title', icon: 'people' },
  { to: '/admin/invitations', label: 'invitations.title', icon: 'link' },
  { to: '/admin/departments', label: 'departments.title', icon: 'folder' },
  { to: '/admin/quality', label: 'connections', icon: 'signal' },
  { to: '/admin/company', label: 'company.title', icon: 'building' },
] as const satisfies readonly { to: string; label: string; icon: IconName }[]

/** The company as its administrators keep it. */
export function AdminPage() {
  const { t } = useTranslation('admin')
  usePageTitle(t('title'))
  return (
    <div className="ad">
      <nav className="ad-nav" aria-label={t('title')}>
        <h1>{t('title')}</h1>
        <ul>
          {places.map((place) => (
            <li key={place.to}>
              <Link to={place.to} activeProps={{ 'aria-current': 'page' }}>
                <Icon name={place.icon} size={16} />
                {t(place.label)}
              </Link>
            </li>
          ))}
          <li>
            <Link to="/profile" hash="tokens">
              <Icon name="key" size={16} />
              {t('tokens')}
            </Link>
          </li>
        </ul>
      </nav>
      <div className="ad-main">
        <div className="ad-in">
          <Outlet />
        </div>
      </div>
    </div>
  )
}
