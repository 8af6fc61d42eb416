import { useTranslation } from 'react-i18next'
import { locales, setLocale } from '@/i18n'
import { Icon } from './Icon'
import { Menu } from './Menu'

/** Each language in its own words. */
export const languageNames = { 'zh-CN': '简体中文', en: 'English' } as const

/** Changes the language of the interface in this browser. */
export function LanguageMenu() {
  const { t, i18n } = useTranslation()
  const current = i18n.language === 'zh-CN' ? 'zh-CN' : 'en'
  return (
    <Menu
      label={t('shell.language')}
      align="end"
      button={(props) => (
        <button
          type="button"
          className="btn text"
          aria-label={`${t('shell.language')}: ${languageNames[current]}`}
          {...props}
        >
          <Icon name="globe" size={16} />
          {languageNames[current]}
          <Icon name="down" size={14} />
        </button>
      )}
      entries={locales.map((locale) => ({
        kind: 'choice',
        key: locale,
        label: languageNames[locale],
        lang: locale,
        chosen: locale === current,
        onSelect: () => void setLocale(locale),
      }))}
    />
  )
}
