import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import type { Person } from '@/core/api/types'
import { FormDialog } from '@/ui/antd/Dialog'
import { toast } from '@/ui/Toast'
import { useForm } from '@/ui/useForm'
import { DepartmentsField } from './DepartmentsField'
import { refreshPeople } from './queries'
import { RoleField } from './RoleField'

/** Role and departments of a person. */
export function PersonDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const { t } = useTranslation(['admin', 'common'])
  const form = useForm({
    initial: { role: person.role, departmentIds: person.departments.map(({ id }) => id) },
    submit: async ({ role, departmentIds }) => {
      const body = { departmentIds, ...(role === person.role ? {} : { role }) }
      await send(api.PATCH('/users/{id}', { params: { path: { id: person.id } }, body }))
      await refreshPeople()
      toast.done(t('common:action.saved'))
      onClose()
    },
  })
  return (
    <FormDialog
      title={person.name}
      submit={t('common:action.save')}
      busy={form.busy}
      failure={form.failure}
      onSubmit={form.onSubmit}
      onClose={onClose}
    >
      <RoleField value={form.values.role} onChange={(role) => form.set('role', role)} />
      <DepartmentsField
        value={form.values.departmentIds}
        onChange={(ids) => form.set('departmentIds', ids)}
      />
    </FormDialog>
  )
}
