import { Select } from 'antd'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'
import type { TokenScope } from '@/core/api/types'
import { Dialog, FormDialog } from '@/ui/antd/Dialog'
import { Button, IconButton } from '@/ui/Button'
import { copyWithToast } from '@/ui/copyWithToast'
import { TextField } from '@/ui/TextField'
import { useForm } from '@/ui/useForm'
import { tokensQuery } from './queries'

const scopes: readonly TokenScope[] = [
  'meetings:read',
  'meetings:write',
  'chat:read',
  'chat:write',
  'directory:read',
  'directory:write',
  'admin',
]

const lifetimes = [30, 90, 365, 0] as const
type Lifetime = (typeof lifetimes)[number]

/** Makes a token; its secret is shown once. */
export function TokenDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('profile')
  const [secret, setSecret] = useState<string>()
  if (secret === undefined) return <CreateForm onClose={onClose} onCreated={setSecret} />
  return (
    <Dialog
      title={t('tokens.secretTitle')}
      onClose={onClose}
      footer={
        <div className="dialog-foot">
          <Button look="primary" onClick={onClose}>
            {t('tokens.secretKept')}
          </Button>
        </div>
      }
    >
      <div className="form">
        <p>{t('tokens.secretDetail')}</p>
        <div className="secret">
          <code>{secret}</code>
          <IconButton
            icon="copy"
            label={t('tokens.copy')}
            onClick={() => void copyWithToast(secret, t('tokens.copied'))}
          />
        </div>
      </div>
    </Dialog>
  )
}

function CreateForm({ onClose, onCreated }: { onClose: () => void; onCreated: (secret: string) => void }) {
  const { t } = useTranslation(['profile', 'common'])
  const id = useId()
  const form = useForm<{ name: string; scopes: readonly TokenScope[]; days: Lifetime }>({
    initial: { name: '', scopes: ['meetings:read'], days: 90 },
    check: (values) => ({
      ...(values.name.trim() ? {} : { name: t('common:form.required') }),
      ...(values.scopes.length > 0 ? {} : { scopes: t('tokens.scopeNeeded') }),
    }),
    fieldOfCode: { nameInvalid: 'name' },
    submit: async ({ name, scopes, days }) => {
      const expiry = days > 0 ? { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() } : {}
      const { secret } = await send(
        api.POST('/tokens', { body: { name: name.trim(), scopes: [...scopes], ...expiry } }),
      )
      void queryClient.invalidateQueries(tokensQuery)
      onCreated(secret)
    },
  })
  const toggle = (scope: TokenScope, on: boolean) =>
    form.set(
      'scopes',
      on ? [...form.values.scopes, scope] : form.values.scopes.filter((other) => other !== scope),
    )
  return (
    <FormDialog
      title={t('tokens.create')}
      submit={t('common:action.create')}
      busy={form.busy}
      failure={form.failure ?? form.problems.scopes}
      onSubmit={form.onSubmit}
      onClose={onClose}
    >
      <TextField label={t('tokens.name')} {...form.field('name')} hint={t('tokens.nameHint')} autoFocus />
      <fieldset className="field">
        <legend className="label">{t('tokens.scopes')}</legend>
        <div className="scopes">
          {scopes.map((scope) => (
            <label key={scope}>
              <input
                type="checkbox"
                checked={form.values.scopes.includes(scope)}
                onChange={(event) => toggle(scope, event.target.checked)}
              />
              {t(`scope.${scope.replace(':', '-') as ScopeKey}`)}
            </label>
          ))}
        </div>
      </fieldset>
      <div className="field">
        <label htmlFor={id}>{t('tokens.lifetime')}</label>
        <Select
          id={id}
          value={form.values.days}
          onChange={(days) => form.set('days', days)}
          options={lifetimes.map((days) => ({
            value: days,
            label: days === 0 ? t('tokens.forever') : t('tokens.days', { count: days }),
          }))}
        />
      </div>
    </FormDialog>
  )
}

type ScopeKey = TokenScope extends infer S
  ? S extends `${infer Area}:${infer Right}`
    ? `${Area}-${Right}`
    : S
  : never
