import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'
import { Loaded } from '@/ui/states'
import { TokenList, TokenRow } from '@/ui/TokenList'
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
          <TokenList
            tokens={list}
            onCreate={() => setCreating(true)}
            row={(token) => (
              <TokenRow
                key={token.id}
                icon="key"
                token={token}
                tags={token.scopes}
                onRevoke={() => revoke(token.id)}
              >
                {t('tokens.revokeDetail')}
              </TokenRow>
            )}
          />
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

async function revoke(id: string) {
  await send(api.DELETE('/tokens/{id}', { params: { path: { id } } }))
  await queryClient.invalidateQueries(tokensQuery)
}
