import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import { NewPasswordField } from '@/ui/accountFields'
import { Button } from '@/ui/Button'
import { Failure } from '@/ui/Failure'
import { PlainPage } from '@/ui/PlainPage'
import { isShort } from '@/ui/passwords'
import { useForm } from '@/ui/useForm'
import { usePageTitle } from '@/ui/usePage'
import { LinkQuery } from './LinkQuery'
import { resetQuery } from './queries'

/** Where a one-use password link of an administrator leads. */
export function PasswordResetPage({ token }: { token: string }) {
  const { t } = useTranslation('auth')
  usePageTitle(t('reset.title'))
  const [done, setDone] = useState(false)
  const reset = useQuery(resetQuery(token))
  return (
    <PlainPage>
      <div className="sheet">
        {done ? (
          <Done />
        ) : (
          <LinkQuery query={reset} failed={t('reset.failed')}>
            {({ name, login }) => (
              <>
                <h1>{t('reset.title')}</h1>
                <p className="lead">{t('reset.detail', { name, login })}</p>
                <PasswordForm token={token} login={login} onDone={() => setDone(true)} />
              </>
            )}
          </LinkQuery>
        )}
      </div>
    </PlainPage>
  )
}

function PasswordForm({ token, login, onDone }: { token: string; login: string; onDone: () => void }) {
  const { t } = useTranslation(['auth', 'common'])
  const form = useForm({
    initial: { password: '' },
    check: ({ password }) => (isShort(password) ? { password: t('common:form.passwordShort') } : {}),
    fieldOfCode: { weakPassword: 'password' },
    submit: async ({ password }) => {
      await send(api.POST('/password-resets/{token}', { params: { path: { token } }, body: { password } }))
      onDone()
    },
  })
  return (
    <form className="form" onSubmit={form.onSubmit} noValidate>
      <input hidden readOnly autoComplete="username" value={login} />
      <NewPasswordField label={t('field.newPassword')} {...form.field('password')} />
      <Failure text={form.failure} />
      <Button look="primary" size="lg" block type="submit" busy={form.busy}>
        {t('reset.submit')}
      </Button>
    </form>
  )
}

function Done() {
  const { t } = useTranslation(['auth', 'common'])
  return (
    <div role="status">
      <h1>{t('reset.done')}</h1>
      <p className="lead">{t('reset.doneDetail')}</p>
      <p className="foot">
        <a className="btn primary" href="/login">
          {t('common:action.signIn')}
        </a>
      </p>
    </div>
  )
}
