import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import type { User } from '@/core/api/types'
import { currentLocale } from '@/i18n'
import { LoginField, NewPasswordField } from '@/ui/accountFields'
import { Button } from '@/ui/Button'
import { Failure } from '@/ui/Failure'
import { PlainPage } from '@/ui/PlainPage'
import { isShort } from '@/ui/passwords'
import { TextField } from '@/ui/TextField'
import { useForm } from '@/ui/useForm'
import { usePageTitle } from '@/ui/usePage'

interface SetupPageProps {
  /** From the link that the server printed; empty when the page was opened without it. */
  token: string
  onSignedIn: (user: User) => Promise<void>
}

/** The first start: names the company and makes its first owner. */
export function SetupPage({ token, onSignedIn }: SetupPageProps) {
  const { t } = useTranslation(['setup', 'common'])
  usePageTitle(t('title'))
  return (
    <PlainPage>
      <div className="sheet">
        <h1>{t('title')}</h1>
        {token ? (
          <>
            <p className="lead">{t('detail')}</p>
            <SetupForm token={token} onSignedIn={onSignedIn} />
          </>
        ) : (
          <p className="lead">{t('noToken')}</p>
        )}
      </div>
    </PlainPage>
  )
}

function SetupForm({ token, onSignedIn }: SetupPageProps) {
  const { t } = useTranslation(['setup', 'common'])
  const form = useForm({
    initial: { companyName: '', name: '', login: '', password: '' },
    check: (values) => ({
      ...(values.companyName.trim() ? {} : { companyName: t('common:form.required') }),
      ...(values.name.trim() ? {} : { name: t('common:form.required') }),
      ...(values.login.trim() ? {} : { login: t('common:form.required') }),
      ...(isShort(values.password) ? { password: t('common:form.passwordShort') } : {}),
    }),
    fieldOfCode: { loginInvalid: 'login', nameTaken: 'login', nameInvalid: 'name', weakPassword: 'password' },
    submit: async ({ companyName, name, login, password }) => {
      const { user } = await send(
        api.POST('/setup', {
          body: {
            token,
            companyName: companyName.trim(),
            name: name.trim(),
            login: login.trim(),
            password,
            locale: currentLocale(),
          },
        }),
      )
      await onSignedIn(user)
    },
  })
  return (
    <form className="form" onSubmit={form.onSubmit} noValidate>
      <fieldset>
        <legend>{t('company')}</legend>
        <TextField label={t('companyName')} {...form.field('companyName')} autoComplete="organization" />
      </fieldset>
      <fieldset>
        <legend>{t('account')}</legend>
        <TextField label={t('name')} {...form.field('name')} autoComplete="name" />
        <LoginField label={t('login')} {...form.field('login')} hint={t('loginHint')} />
        <NewPasswordField label={t('password')} {...form.field('password')} />
      </fieldset>
      <Failure text={form.failure} />
      <Button look="primary" size="lg" block type="submit" busy={form.busy}>
        {t('submit')}
      </Button>
    </form>
  )
}
