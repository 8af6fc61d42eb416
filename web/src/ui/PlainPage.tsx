import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { LanguageMenu } from './LanguageMenu'
import { Logo } from './Logo'
import './plain-page.css'

interface PlainPageProps {
  /** Stands at the end of the top row, after the language. */
  corner?: ReactNode
  children: ReactNode
}

/** A page outside the shell: the product's name, the language, and one thing to do. */
export function PlainPage({ corner, children }: PlainPageProps) {
  const { t } = useTranslation()
  return (
    <div className="plain">
      <header>
        <Logo />
        <b>{t('appName')}</b>
        <span className="grow" />
        <LanguageMenu />
        {corner}
      </header>
      <main>{children}</main>
    </div>
  )
}
