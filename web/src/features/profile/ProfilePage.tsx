import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Me } from '@/core/api/types'
import { appearanceStore, appearances } from '@/core/theme/appearance'
import { type Locale, locales } from '@/i18n'
import { Choices } from '@/ui/Choices'
import { Icon } from '@/ui/Icon'
import { languageNames } from '@/ui/LanguageMenu'
import { usePageTitle } from '@/ui/usePage'
import { useStore } from '@/ui/useStore'
import { AboutMe } from './AboutMe'
import { PasswordForm } from './PasswordForm'
import { Sessions } from './Sessions'
import { Tokens } from './Tokens'
import './profile.css'

interface ProfilePageProps {
  me: Me
  onLocale: (locale: Locale) => void
  onSignOut: () => void
}

/** What concerns oneself: name and picture, language and looks, password, devices, tokens. */
export function ProfilePage({ me, onLocale, onSignOut }: ProfilePageProps) {
  const { t } = useTranslation(['profile', 'common'])
  usePageTitle(t('title'))
  return (
    <div className="pr">
      <div className="pr-in">
        <h1 data-page-heading tabIndex={-1}>
          {t('title')}
        </h1>
        <AboutMe me={me} />
        <Looks onLocale={onLocale} />
        <PasswordForm />
        <Sessions />
        <Tokens />
        <nav className="pr-part pr-links" aria-label={t('more')}>
          {me.user.role !== 'member' && (
            <Link to="/admin">
              <Icon name="shield" />
              {t('common:shell.admin')}
            </Link>
          )}
          <Link to="/developer">
            <Icon name="code" />
            {t('common:shell.developer')}
          </Link>
          <button type="button" className="bad" onClick={onSignOut}>
            <Icon name="log-out" />
            {t('common:shell.signOut')}
          </button>
        </nav>
      </div>
    </div>
  )
}

function Looks({ onLocale }: { onLocale: (locale: Locale) => void }) {
  const { t, i18n } = useTranslation(['profile', 'common'])
  const { appearance } = useStore(appearanceStore)
  return (
    <section className="pr-part">
      <h2>{t('looks')}</h2>
      <div className="pr-choices">
        <Choices
          label={t('common:shell.language')}
          value={i18n.language}
          options={locales.map((locale) => ({
            value: locale as string,
            label: languageNames[locale],
            lang: locale,
          }))}
          onChange={(locale) => onLocale(locale as Locale)}
        />
        <Choices
          label={t('common:shell.appearance')}
          value={appearance}
          options={appearances.map((choice) => ({
            value: choice,
            label: t(`common:shell.appearanceOf.${choice}`),
          }))}
          onChange={(choice) => appearanceStore.choose(choice)}
        />
      </div>
    </section>
  )
}
