import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './Button'
import { ConfirmButton } from './Confirm'
import { Icon, type IconName } from './Icon'
import { Time, useNow } from './Time'

interface ListedToken {
  id: string
  name: string
  lastUsedAt?: string
  expiresAt?: string
}

interface TokenListProps<T extends ListedToken> {
  tokens: readonly T[]
  row: (token: T) => ReactNode
  onCreate: () => void
}

/** Tokens, and the way to a new one. */
export function TokenList<T extends ListedToken>({ tokens, row, onCreate }: TokenListProps<T>) {
  const { t } = useTranslation()
  return (
    <ul className="rows">
      {tokens.map(row)}
      <li>
        <span className="grow muted">{tokens.length === 0 ? t('token.none') : ''}</span>
        <Button look="soft" icon="plus" onClick={onCreate}>
          {t('token.create')}
        </Button>
      </li>
    </ul>
  )
}

interface TokenRowProps {
  icon: IconName
  token: ListedToken
  /** What it opens, in short. */
  tags: readonly string[]
  /** More that can be done with it. */
  acts?: ReactNode
  onRevoke: () => Promise<unknown>
  /** What revoking means. */
  children: ReactNode
}

/** A token: what it opens, when it was used and how long it is good. */
export function TokenRow({ icon, token, tags, acts, onRevoke, children }: TokenRowProps) {
  const { t } = useTranslation()
  const now = useNow()
  const expired = token.expiresAt !== undefined && new Date(token.expiresAt) <= now
  return (
    <li>
      <Icon name={icon} />
      <span className="grow">
        <span className="line-1">
          {token.name}
          {tags.map((tag) => (
            <span className="tag" key={tag}>
              {tag}
            </span>
          ))}
          {expired && <span className="tag bad">{t('token.expired')}</span>}
        </span>
        <small>
          {token.lastUsedAt ? (
            <Time at={token.lastUsedAt} words={(time) => t('token.used', { time })} />
          ) : (
            t('token.unused')
          )}
          {token.expiresAt && !expired && (
            <>
              {' · '}
              <Time at={token.expiresAt} words={(time) => t('token.expires', { time })} />
            </>
          )}
        </small>
      </span>
      {acts}
      <ConfirmButton
        title={t('token.revokeTitle', { name: token.name })}
        act={t('token.revoke')}
        onConfirm={onRevoke}
      >
        {children}
      </ConfirmButton>
    </li>
  )
}
