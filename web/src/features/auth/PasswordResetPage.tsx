import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import { Button } from '@/ui/Button'
import { Failure } from '@/ui/Failure'
import { PlainPage } from '@/ui/PlainPage'
import { isShort } from '@/ui/passwords'
import { TextField } from '@/ui/TextField'
import { useForm } from '@/ui/useForm'
import { usePageTitle } from '@/ui/usePage'

/** Where a one-use password link of an administrator leads. */
export function PasswordResetPage({ token }: { token: string }) {
  const { t } = useTranslation(['auth', 'common'])
  usePageTitle(t('reset.title'))
  const [done, setDone] = useState(false)
  const form = useForm({
    initial: { password: '' },
    check: ({ password }) => (isShort(password) ? { password: t('common:form.passwordShort') } : {}),
    fieldOfCode: { weakPassword: 'password' },
    submit: async ({ password }) => {
      await send(api.POST('/password-resets/{token}', { params: { path: { token } }, body: { password } }))
      setDone(true)
    },
  })
  if (done) {
    return (
      <PlainPage>
        <div className="sheet" role="status">
          <h1>{t('reset.done')}</h1>
          <p className="lead">{t('reset.doneDetail')}</p>
          <p className="foot">
            <a className="btn primary" href="/login">
              {t('common:action.signIn')}
            </a>
          </p>
        </div>
      </PlainPage>
    )
  }
  return (
    <PlainPage>
      <div className="sheet">
        <h1>{t('reset.title')}</h1>
        <p className="lead">{t('reset.detail')}</p>
        <form className="form" onSubmit={form.onSubmit} noValidate>
          <TextField
            label={t('field.newPassword')}
            {...form.field('password')}
            type="password"
            autoComplete="new-password"
            hint={t('common:form.passwordHint')}
          />
          <Failure text={form.failure} />
          <Button look="primary" size="lg" block type="submit" busy={form.busy}>
            {t('reset.submit')}
          </Button>
        </form>
      </div>
    </PlainPage>
  )
}
