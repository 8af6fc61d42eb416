import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Me } from '@/core/api/types'
import { appearanceStore, appearances } from '@/core/theme/appearance'
import { locales } from '@/i18n'
import { Avatar } from '@/ui/Avatar'
import { languageNames } from '@/ui/LanguageMenu'
import { Menu, type MenuEntry } from '@/ui/Menu'
import { useStore } from '@/ui/useStore'
import { chooseLocale, signOut } from './session'

/** The avatar at the foot of the rail: profile, language, appearance, sign out. */
export function AccountMenu({ me }: { me: Me }) {
  const { t, i18n } = useTranslation()
  const navigate = useNavigate()
  const { appearance } = useStore(appearanceStore)
  const entries: MenuEntry[] = [
    {
      kind: 'item',
      key: 'profile',
      label: t('shell.profile'),
      icon: 'user',
      onSelect: () => void navigate({ to: '/profile' }),
    },
    {
      kind: 'item',
      key: 'developer',
      label: t('shell.developer'),
      icon: 'code',
      onSelect: () => void navigate({ to: '/developer' }),
    },
    { kind: 'line', key: 'line-1' },
    { kind: 'label', key: 'appearance', label: t('shell.appearance') },
    ...appearances.map(
      (choice): MenuEntry => ({
        kind: 'choice',
        key: choice,
        label: t(`shell.appearanceOf.${choice}`),
        chosen: choice === appearance,
        onSelect: () => appearanceStore.choose(choice),
      }),
    ),
    { kind: 'line', key: 'line-2' },
    { kind: 'label', key: 'language', label: t('shell.language') },
    ...locales.map(
      (locale): MenuEntry => ({
        kind: 'choice',
        key: locale,
        label: languageNames[locale],
        lang: locale,
        chosen: locale === i18n.language,
        onSelect: () => void chooseLocale(locale),
      }),
    ),
    { kind: 'line', key: 'line-3' },
    {
      kind: 'item',
      key: 'sign-out',
      label: t('shell.signOut'),
      icon: 'log-out',
      onSelect: () => void signOut(),
    },
  ]
  return (
    <Menu
      label={t('shell.account')}
      align="right"
      head={
        <div className="head">
          <b>{me.user.name}</b>
          <span className="muted">{me.company.name}</span>
        </div>
      }
      entries={entries}
      button={(props) => (
        <button
          type="button"
          className="rail-me"
          aria-label={t('shell.account')}
          title={me.user.name}
          {...props}
        >
          <Avatar name={me.user.name} id={me.user.id} url={me.user.avatarUrl} />
        </button>
      )}
    />
  )
}
