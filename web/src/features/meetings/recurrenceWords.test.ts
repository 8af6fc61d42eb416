import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInstance } from 'i18next'
import { describe, expect, it } from 'vitest'
import en from '@/i18n/en/meetings.json'
import zh from '@/i18n/zh-CN/meetings.json'
import { recurrenceWords } from './recurrenceWords'

interface Vectors {
  start: string
  timezone: string
  rules: { rule: string; en: string; 'zh-CN': string }[]
}

const file = resolve(import.meta.dirname, '../../../../api/meetings/testdata/recurrence.json')
const vectors: Vectors = JSON.parse(readFileSync(file, 'utf8'))
const series = { start: new Date(vectors.start), timeZone: vectors.timezone }

const i18n = createInstance({
  resources: { en: { meetings: en }, 'zh-CN': { meetings: zh } },
  interpolation: { escapeValue: false },
  showSupportNotice: false,
})
await i18n.init()

describe.each(['en', 'zh-CN'] as const)('recurrenceWords in %s', (locale) => {
  const t = i18n.getFixedT(locale, 'meetings')

  it.each(vectors.rules)('$rule', ({ rule, ...words }) => {
    expect(recurrenceWords(t, locale, rule, series)).toBe(words[locale])
  })
})
