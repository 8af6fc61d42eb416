import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import { meQuery, queryClient } from '@/core/api/queries'
import { Button } from '@/ui/Button'
import { Failure } from '@/ui/Failure'
import { Loaded } from '@/ui/states'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/Toast'
import { useForm } from '@/ui/useForm'
import { Head } from './Head'
import { companyQuery } from './queries'

export function CompanyAdmin() {
  const { t } = useTranslation('admin')
  const company = useQuery(companyQuery)
  return (
    <>
      <Head title={t('company.title')} lead={t('company.detail')} />
      <Loaded query={company} failed={t('company.failed')} rows={1}>
        {({ name }) => <CompanyForm name={name} />}
      </Loaded>
    </>
  )
}

function CompanyForm({ name }: { name: string }) {
  const { t } = useTranslation(['admin', 'common'])
  const form = useForm({
    initial: { name },
    check: (values) => (values.name.trim() ? {} : { name: t('common:form.required') }),
    fieldOfCode: { nameInvalid: 'name' },
    submit: async (values) => {
      const saved = await send(api.PATCH('/company', { body: { name: values.name.trim() } }))
      queryClient.setQueryData(companyQuery.queryKey, saved)
      void queryClient.invalidateQueries(meQuery)
      toast.done(t('common:action.saved'))
    },
  })
  return (
    <form className="form ad-form" onSubmit={form.onSubmit} noValidate>
      <TextField label={t('company.name')} {...form.field('name')} autoComplete="organization" />
      <Failure text={form.failure} />
      <Button look="primary" type="submit" busy={form.busy}>
        {t('common:action.save')}
      </Button>
    </form>
  )
}
