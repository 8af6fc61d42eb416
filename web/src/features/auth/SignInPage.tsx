import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import type { User } from '@/core/api/types'
import { LoginField } from '@/ui/accountFields'
import { Button } from '@/ui/Button'
import { Failure } from '@/ui/Failure'
import { PlainPage } from '@/ui/PlainPage'
import { TextField } from '@/ui/TextField'
import { useForm } from '@/ui/useForm'
import { usePageTitle } from '@/ui/usePage'
import { setupQuery } from './queries'

/** The account and the password; nothing else stands between a person and the product. */
export function SignInPage({
  onSignedIn,
  demo,
}: {
  onSignedIn: (user: User) => Promise<void>
  demo: boolean
}) {
  const { t } = useTranslation(['auth', 'common'])
  usePageTitle(t('signIn.title'))
  const setup = useQuery(setupQuery)
  const form = useForm({
    initial: { login: '', password: '' },
    check: (values) => ({
      ...(values.login.trim() ? {} : { login: t('common:form.required') }),
      ...(values.password ? {} : { password: t('common:form.required') }),
    }),
    submit: async (values) => {
      const { user } = await send(
        api.POST('/sessions', { body: { login: values.login.trim(), password: values.password } }),
      )
      await onSignedIn(user)
    },
  })
  if (setup.data?.needed) return <SetupNeeded />
  const company = setup.data?.companyName
  return (
    <PlainPage>
      <div className="sheet">
        <h1>{company ? t('signIn.to', { company }) : t('signIn.title')}</h1>
        <form className="form" onSubmit={form.onSubmit} noValidate>
          <LoginField label={t('field.login')} {...form.field('login')} name="login" autoFocus />
          <TextField
            label={t('field.password')}
            {...form.field('password')}
            type="password"
            name="password"
            autoComplete="current-password"
          />
          <Failure text={form.failure} />
          <Button look="primary" size="lg" block type="submit" busy={form.busy}>
            {t('common:action.signIn')}
          </Button>
        </form>
        <p className="foot">{t('signIn.forgot')}</p>
        {demo && (
          <p className="foot">
            <a href="/demo">{t('signIn.demo')}</a>
          </p>
        )}
      </div>
    </PlainPage>
  )
}

/** Nobody can sign in before the company has its first administrator. */
function SetupNeeded() {
  const { t } = useTranslation('auth')
  return (
    <PlainPage>
      <div className="sheet">
        <h1>{t('setupNeeded.title')}</h1>
        <p className="lead">{t('setupNeeded.detail')}</p>
      </div>
    </PlainPage>
  )
}
