import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Meeting, StreamToken } from '@/core/api/types'
import { Button, IconButton } from '@/ui/Button'
import { ConfirmButton } from '@/ui/Confirm'
import { copyWithToast } from '@/ui/copyWithToast'
import { Icon } from '@/ui/Icon'
import { Loaded } from '@/ui/states'
import { Time } from '@/ui/Time'
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
          <ul>
            {list.map((token) => (
              <TokenRow key={token.id} meeting={meeting} token={token} />
            ))}
            <li>
              <span className="grow muted">{list.length === 0 ? t('streams.none') : ''}</span>
              <Button look="soft" icon="plus" onClick={() => setCreating(true)}>
                {t('streams.create')}
              </Button>
            </li>
          </ul>
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

function TokenRow({ meeting, token }: { meeting: Meeting; token: StreamToken }) {
  const { t } = useTranslation('meetings')
  const expired = token.expiresAt !== undefined && new Date(token.expiresAt) <= new Date()
  return (
    <li>
      <Icon name={token.right === 'publish' ? 'cam' : 'eye'} />
      <span className="grow">
        <span className="line-1">
          {token.name}
          <span className="tag">{t(`streams.right.${token.right}`)}</span>
          {expired && <span className="tag bad">{t('streams.expired')}</span>}
        </span>
        <small>
          {token.lastUsedAt ? (
            <Time at={token.lastUsedAt} words={(time) => t('streams.used', { time })} />
          ) : (
            t('streams.unused')
          )}
          {token.expiresAt && !expired && (
            <>
              {' · '}
              <Time at={token.expiresAt} words={(time) => t('streams.expires', { time })} />
            </>
          )}
        </small>
      </span>
      <IconButton
        icon="copy"
        label={t('streams.copyUrl', { name: token.name })}
        onClick={() => void copyWithToast(token.url, t('streams.urlCopied'))}
      />
      <ConfirmButton
        title={t('streams.revokeTitle', { name: token.name })}
        act={t('streams.revoke')}
        onConfirm={() => revokeStreamToken(meeting.id, token.id)}
      >
        {t('streams.revokeDetail')}
      </ConfirmButton>
    </li>
  )
}
