import { useQuery } from '@tanstack/react-query'
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
import { LinkQuery } from './LinkQuery'
import { invitationQuery } from './queries'

interface InvitationPageProps {
  token: string
  onSignedIn: (user: User) => Promise<void>
}

/** Where an invitation link leads: a name, an account and a password, and one is in. */
export function InvitationPage({ token, onSignedIn }: InvitationPageProps) {
  const { t } = useTranslation('auth')
  usePageTitle(t('invitation.title'))
  const invitation = useQuery(invitationQuery(token))
  return (
    <PlainPage>
      <div className="sheet">
        <LinkQuery query={invitation} failed={t('invitation.failed')}>
          {({ companyName, inviterName }) => (
            <>
              <h1>{t('invitation.welcome', { company: companyName })}</h1>
              <p className="lead">{t('invitation.by', { name: inviterName })}</p>
              <AccountForm token={token} onSignedIn={onSignedIn} />
            </>
          )}
        </LinkQuery>
      </div>
    </PlainPage>
  )
}

function AccountForm({ token, onSignedIn }: InvitationPageProps) {
  const { t } = useTranslation(['auth', 'common'])
  const form = useForm({
    initial: { name: '', login: '', password: '' },
    check: (values) => ({
      ...(values.name.trim() ? {} : { name: t('common:form.required') }),
      ...(values.login.trim() ? {} : { login: t('common:form.required') }),
      ...(isShort(values.password) ? { password: t('common:form.passwordShort') } : {}),
    }),
    fieldOfCode: { nameTaken: 'login', loginInvalid: 'login', nameInvalid: 'name', weakPassword: 'password' },
    submit: async ({ name, login, password }) => {
      const { user } = await send(
        api.POST('/invitations/by-token/{token}/accept', {
          params: { path: { token } },
          body: { name: name.trim(), login: login.trim(), password, locale: currentLocale() },
        }),
      )
      await onSignedIn(user)
    },
  })
  return (
    <form className="form" onSubmit={form.onSubmit} noValidate>
      <TextField
        label={t('field.name')}
        {...form.field('name')}
        autoComplete="name"
        hint={t('field.nameHint')}
      />
      <LoginField label={t('field.login')} {...form.field('login')} hint={t('field.loginHint')} />
      <NewPasswordField label={t('field.password')} {...form.field('password')} />
      <Failure text={form.failure} />
      <Button look="primary" size="lg" block type="submit" busy={form.busy}>
        {t('invitation.submit')}
      </Button>
    </form>
  )
}
