import i18next from 'i18next'

interface Coded {
  code: string
  params?: Record<string, unknown>
}

const translate = i18next.t.bind(i18next) as (key: string, params: Record<string, unknown>) => string

/** What happened and what to do, in the reader's language. A code without a text reads as `internal`. */
export function errorText(error: unknown): string {
  const { code, params } = hasCode(error) ? error : { code: 'internal', params: {} }
  return translate(`errors:${i18next.exists(`errors:${code}`) ? code : 'internal'}`, { ...params })
}

function hasCode(error: unknown): error is Coded {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
}
