import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { addUsedTexts } from './lazy'

/** Languages of the client. Texts live in one folder each, one file for each namespace; those in lazy.ts come later. */
export const locales = ['zh-CN', 'en'] as const
export type Locale = (typeof locales)[number]

const storageKey = 'parley.locale'

const loaders = {
  en: () => import('./en'),
  'zh-CN': () => import('./zh-CN'),
}

export function isLocale(value: unknown): value is Locale {
  return locales.includes(value as Locale)
}

/** Picks the language from what was chosen here before, else from the browser's list. */
function preferredLocale(stored: string | null, languages: readonly string[]): Locale {
  if (isLocale(stored)) return stored
  for (const language of languages) {
    if (language.toLowerCase().startsWith('zh')) return 'zh-CN'
    if (language.toLowerCase().startsWith('en')) return 'en'
  }
  return 'en'
}

export function currentLocale(): Locale {
  return isLocale(i18next.language) ? i18next.language : 'en'
}

async function load(locale: Locale) {
  const { texts } = await loaders[locale]()
  for (const [namespace, bundle] of Object.entries(texts))
    i18next.addResourceBundle(locale, namespace, bundle)
  await addUsedTexts(locale)
}

/** Loads the texts of one language and makes i18next ready. */
export async function startI18n(locale = preferredLocale(readStored(), navigator.languages)): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: locale,
    fallbackLng: false,
    defaultNS: 'common',
    resources: {},
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
    returnNull: false,
    showSupportNotice: false,
  })
  await load(locale)
  document.documentElement.lang = locale
}

/** Changes the language of the interface and remembers it in this browser. */
export async function setLocale(locale: Locale): Promise<void> {
  if (locale === i18next.language) return
  await load(locale)
  await i18next.changeLanguage(locale)
  document.documentElement.lang = locale
  try {
    localStorage.setItem(storageKey, locale)
  } catch {
    // Storage may be refused; the choice then lasts until the page is closed.
  }
}

function readStored(): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}
