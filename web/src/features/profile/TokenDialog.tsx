import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'
import type { TokenScope } from '@/core/api/types'
import { FormDialog } from '@/ui/antd/Dialog'
import { expiryIn, LifetimeField, NewTokenDialog } from '@/ui/antd/tokens'
import { SecretBox } from '@/ui/SecretBox'
import { TextField } from '@/ui/TextField'
import { useForm } from '@/ui/useForm'
import { tokensQuery } from './queries'

const scopes: readonly TokenScope[] = [
  'meetings:read',
  'meetings:write',
  'chat:read',
  'chat:write',
  'boards:read',
  'boards:write',
  'directory:read',
  'directory:write',
  'admin',
]

/** In days; 0 stands for one that does not expire. */
const lifetimes = [30, 90, 365, 0]

/** Makes a token; its secret is shown once. */
export function TokenDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('profile')
  const [secret, setSecret] = useState<string>()
  if (secret === undefined) return <CreateForm onClose={onClose} onCreated={setSecret} />
  return (
    <NewTokenDialog onClose={onClose}>
      <p>{t('tokens.secretDetail')}</p>
      <SecretBox text={secret} act={t('tokens.copy')} done={t('tokens.copied')} />
    </NewTokenDialog>
  )
}

function CreateForm({ onClose, onCreated }: { onClose: () => void; onCreated: (secret: string) => void }) {
  const { t } = useTranslation(['profile', 'common'])
  const form = useForm<{ name: string; scopes: readonly TokenScope[]; days: number }>({
    initial: { name: '', scopes: ['meetings:read'], days: 90 },
    check: (values) => ({
      ...(values.name.trim() ? {} : { name: t('common:form.required') }),
      ...(values.scopes.length > 0 ? {} : { scopes: t('tokens.scopeNeeded') }),
    }),
    fieldOfCode: { nameInvalid: 'name' },
    submit: async ({ name, scopes, days }) => {
      const { secret } = await send(
        api.POST('/tokens', { body: { name: name.trim(), scopes: [...scopes], ...expiryIn(days) } }),
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
      title={t('common:token.create')}
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
      <LifetimeField
        choices={lifetimes}
        value={form.values.days}
        onChange={(days) => form.set('days', days)}
      />
    </FormDialog>
  )
}

type ScopeKey = TokenScope extends infer S
  ? S extends `${infer Area}:${infer Right}`
    ? `${Area}-${Right}`
    : S
  : never
