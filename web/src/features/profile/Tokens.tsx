import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'
import type { Token } from '@/core/api/types'
import { Button } from '@/ui/Button'
import { ConfirmButton } from '@/ui/Confirm'
import { Icon } from '@/ui/Icon'
import { Loaded } from '@/ui/states'
import { Time } from '@/ui/Time'
import { tokensQuery } from './queries'

const TokenDialog = lazy(async () => ({ default: (await import('./TokenDialog')).TokenDialog }))

/** Tokens for programs that act in one's name. */
export function Tokens() {
  const { t } = useTranslation('profile')
  const tokens = useQuery(tokensQuery)
  const [creating, setCreating] = useState(false)
  return (
    <section className="pr-part" id="tokens">
      <h2>{t('tokens.title')}</h2>
      <p className="lead">{t('tokens.detail')}</p>
      <Loaded query={tokens} failed={t('tokens.failed')} rows={1}>
        {(list) => (
          <ul className="pr-rows">
            {list.map((token) => (
              <TokenRow key={token.id} token={token} />
            ))}
            <li>
              <span className="grow muted">{list.length === 0 ? t('tokens.none') : ''}</span>
              <Button look="soft" icon="plus" onClick={() => setCreating(true)}>
                {t('tokens.create')}
              </Button>
            </li>
          </ul>
        )}
      </Loaded>
      {creating && (
        <Suspense fallback={null}>
          <TokenDialog onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </section>
  )
}

function TokenRow({ token }: { token: Token }) {
  const { t } = useTranslation('profile')
  const revoke = async () => {
    await send(api.DELETE('/tokens/{id}', { params: { path: { id: token.id } } }))
    await queryClient.invalidateQueries(tokensQuery)
  }
  return (
    <li>
      <Icon name="key" />
      <span className="grow">
        <span className="line-1">
          {token.name}
          {token.scopes.map((scope) => (
            <span className="tag" key={scope}>
              {scope}
            </span>
          ))}
        </span>
        <small>
          {token.lastUsedAt ? (
            <Time at={token.lastUsedAt} words={(time) => t('tokens.used', { time })} />
          ) : (
            t('tokens.unused')
          )}
          {token.expiresAt && (
            <>
              {' · '}
              <Time at={token.expiresAt} words={(time) => t('tokens.expires', { time })} />
            </>
          )}
        </small>
      </span>
      <ConfirmButton
        title={t('tokens.revokeTitle', { name: token.name })}
        act={t('tokens.revoke')}
        onConfirm={revoke}
      >
        {t('tokens.revokeDetail')}
      </ConfirmButton>
    </li>
  )
}
