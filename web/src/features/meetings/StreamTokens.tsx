import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Meeting } from '@/core/api/types'
import { IconButton } from '@/ui/Button'
import { copyWithToast } from '@/ui/copyWithToast'
import { Loaded } from '@/ui/states'
import { TokenList, TokenRow } from '@/ui/TokenList'
import { revokeStreamToken, streamTokensQuery } from './queries'

const StreamTokenDialog = lazy(async () => ({
  default: (await import('./StreamTokenDialog')).StreamTokenDialog,
}))

/** The tokens with which programs such as OBS send a stream into a meeting, or show it elsewhere; for its hosts. */
export function StreamTokens({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation('meetings')
  const tokens = useQuery(streamTokensQuery(meeting.id))
  const [creating, setCreating] = useState(false)
  return (
    <section className="streams" id="streams">
      <h2>{t('streams.title')}</h2>
      <p className="lead">{t('streams.detail')}</p>
      <Loaded query={tokens} failed={t('streams.failed')} rows={1}>
        {(list) => (
          <TokenList
            tokens={list}
            onCreate={() => setCreating(true)}
            row={(token) => (
              <TokenRow
                key={token.id}
                icon={token.right === 'publish' ? 'cam' : 'eye'}
                token={token}
                tags={[t(`streams.right.${token.right}`)]}
                acts={
                  <IconButton
                    icon="copy"
                    label={t('streams.copyUrl', { name: token.name })}
                    onClick={() => void copyWithToast(token.url, t('streams.urlCopied'))}
                  />
                }
                onRevoke={() => revokeStreamToken(meeting.id, token.id)}
              >
                {t('streams.revokeDetail')}
              </TokenRow>
            )}
          />
        )}
      </Loaded>
      {creating && (
        <Suspense fallback={null}>
          <StreamTokenDialog meetingId={meeting.id} onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </section>
  )
}
