import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/core/api/error'
import { errorText } from '@/ui/errorText'
import { Failed, Skeleton } from '@/ui/states'

interface LinkQueryProps<T> {
  query: UseQueryResult<T>
  failed: string
  children: (data: T) => ReactNode
}

/** What a one-use link is about. A link that is spent cannot be tried again: it leads to signing in. */
export function LinkQuery<T>({ query, failed, children }: LinkQueryProps<T>) {
  const { t } = useTranslation()
  if (query.data !== undefined) return children(query.data)
  if (!query.error) return <Skeleton rows={2} />
  if (!(query.error instanceof ApiError) || query.error.status !== 404) {
    return <Failed title={failed} error={query.error} onRetry={() => void query.refetch()} />
  }
  return (
    <div role="alert">
      <h1>{failed}</h1>
      <p className="lead">{errorText(query.error)}</p>
      <p className="foot">
        <a className="btn line" href="/login">
          {t('action.signIn')}
        </a>
      </p>
    </div>
  )
}
