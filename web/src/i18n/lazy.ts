import i18next from 'i18next'
import type { Locale } from './index'

/** Texts that only some pages need. They are fetched with those pages, so that the first page does not carry them. */
const loaders = {
  board: {
    en: () => import('./en/board.json'),
    'zh-CN': () => import('./zh-CN/board.json'),
  },
  boards: {
    en: () => import('./en/boards.json'),
    'zh-CN': () => import('./zh-CN/boards.json'),
  },
} as const

export type LazyNamespace = keyof typeof loaders

const used = new Set<LazyNamespace>()

/** Makes the texts ready in the present language, and from then on in each language that is chosen. */
export async function addTexts(...namespaces: LazyNamespace[]): Promise<void> {
  for (const namespace of namespaces) used.add(namespace)
  await addUsedTexts(i18next.language as Locale)
}

/** Makes ready what pages asked for so far. */
export async function addUsedTexts(locale: Locale): Promise<void> {
  await Promise.all(
    [...used].map(async (namespace) => {
      if (i18next.hasResourceBundle(locale, namespace)) return
      const { default: texts } = await loaders[namespace][locale]()
      i18next.addResourceBundle(locale, namespace, texts)
    }),
  )
}

/** The module of a page together with its texts. */
export async function withTexts<T>(module: Promise<T>, ...namespaces: LazyNamespace[]): Promise<T> {
  const [loaded] = await Promise.all([module, addTexts(...namespaces)])
  return loaded
}
