import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'
import { NewPasswordField } from '@/ui/accountFields'
import { Button } from '@/ui/Button'
import { Failure } from '@/ui/Failure'
import { isShort } from '@/ui/passwords'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/Toast'
import { useForm } from '@/ui/useForm'
import { sessionsQuery } from './queries'

const empty = { current: '', next: '' }

export function PasswordForm() {
  const { t } = useTranslation(['profile', 'common'])
  const form = useForm({
    initial: empty,
    check: ({ current, next }) => ({
      ...(current ? {} : { current: t('common:form.required') }),
      ...(isShort(next) ? { next: t('common:form.passwordShort') } : {}),
    }),
    fieldOfCode: { wrongPassword: 'current', weakPassword: 'next' },
    submit: async (values) => {
      await send(api.POST('/me/password', { body: values }))
      form.setValues(empty)
      toast.done(t('password.done'))
      void queryClient.invalidateQueries(sessionsQuery)
    },
  })
  return (
    <section className="pr-part">
      <h2>{t('password.title')}</h2>
      <p className="lead">{t('password.detail')}</p>
      <form className="form" onSubmit={form.onSubmit} noValidate>
        <TextField
          label={t('password.current')}
          {...form.field('current')}
          type="password"
          autoComplete="current-password"
        />
        <NewPasswordField label={t('password.next')} {...form.field('next')} />
        <Failure text={form.failure} />
        <Button type="submit" look="soft" busy={form.busy}>
          {t('password.submit')}
        </Button>
      </form>
    </section>
  )
}
