import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { isApiError } from '@/core/api/error'
import { Button } from './Button'
import { errorText } from './errorText'
import { Icon, type IconName } from './Icon'

/** The shape of a list while it loads; seen only when that takes longer than 300 ms. */
export function Skeleton({ rows = 4 }: { rows?: number }) {
  const { t } = useTranslation()
  return (
    <div className="sk" role="status" aria-busy="true" aria-label={t('state.loading')}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same
        <div key={row}>
          <i />
          <span>
            <i />
            <i />
          </span>
        </div>
      ))}
    </div>
  )
}

interface EmptyProps {
  icon: IconName
  title: string
  /** `h1` where it is all there is on the page. */
  heading?: 'h1' | 'h2'
  /** What to do first. */
  children?: ReactNode
  actions?: ReactNode
}

export function Empty({ icon, title, heading: Heading = 'h2', children, actions }: EmptyProps) {
  return (
    <div className="say">
      <div className="pic">
        <Icon name={icon} size={24} />
      </div>
      <Heading>{title}</Heading>
      <p>{children}</p>
      {actions && <div className="two">{actions}</div>}
    </div>
  )
}

export function Failed({ title, error, onRetry }: { title: string; error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation()
  return (
    <div className="say" role="alert">
      <div className="pic bad">
        <Icon name="info" size={24} />
      </div>
      <h2>{title}</h2>
      <p>{errorText(error)}</p>
      {onRetry && (
        <div className="two">
          <Button look="primary" onClick={onRetry}>
            {t('action.retry')}
          </Button>
        </div>
      )}
    </div>
  )
}

interface LoadedProps<T> {
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'isPending' | 'refetch'>
  /** What could not be had, such as "The meetings did not load". */
  failed: string
  rows?: number
  /** What stands there when there is no such thing, or not for this reader. */
  gone?: ReactNode
  children: (data: T) => ReactNode
}

/** There is no such thing, or its address is not whole. */
const goneStatus: ReadonlySet<number> = new Set([404, 422])

/** Draws a query: its skeleton, its error with a retry, or what it brought. Old data stays while it is asked again. */
export function Loaded<T>({ query, failed, rows, gone, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data)
  if (gone && isApiError(query.error) && goneStatus.has(query.error.status)) return gone
  if (query.error) return <Failed title={failed} error={query.error} onRetry={() => void query.refetch()} />
  return <Skeleton {...(rows === undefined ? {} : { rows })} />
}
