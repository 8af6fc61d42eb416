import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import type { Department } from '@/core/api/types'
import { FormDialog } from '@/ui/antd/Dialog'
import { SelectField } from '@/ui/antd/SelectField'
import { type Branch, departmentTree, flatten, pathOf } from '@/ui/departmentTree'
import { TextField } from '@/ui/TextField'
import { useForm } from '@/ui/useForm'
import { departmentsQuery, refreshPeople } from './queries'

interface DepartmentDialogProps {
  /** Absent: a new one. */
  department?: Department
  parentId?: string
  onClose: () => void
}

/** The name of a department and where it belongs. */
export function DepartmentDialog({ department, parentId, onClose }: DepartmentDialogProps) {
  const { t, i18n } = useTranslation(['admin', 'common'])
  const { data = [] } = useQuery(departmentsQuery)
  const form = useForm({
    initial: { name: department?.name ?? '', parentId: department?.parentId ?? parentId ?? '' },
    check: ({ name }) => (name.trim() ? {} : { name: t('common:form.required') }),
    fieldOfCode: { nameTaken: 'name', nameInvalid: 'name' },
    submit: async ({ name, parentId }) => {
      await save(department, name.trim(), parentId)
      await refreshPeople()
      onClose()
    },
  })
  const places = flatten(without(departmentTree(data, i18n.language), department?.id))
  return (
    <FormDialog
      title={department ? t('departments.edit') : t('departments.create')}
      submit={department ? t('common:action.save') : t('common:action.create')}
      busy={form.busy}
      failure={form.failure}
      onSubmit={form.onSubmit}
      onClose={onClose}
    >
      <TextField label={t('departments.name')} {...form.field('name')} autoFocus />
      <SelectField
        label={t('departments.parent')}
        showSearch={{ optionFilterProp: 'label' }}
        value={form.values.parentId}
        onChange={(value) => form.set('parentId', value)}
        options={[
          { value: '', label: t('departments.root') },
          ...places.map((branch) => ({
            value: branch.department.id,
            label: pathOf(data, branch.department.id),
          })),
        ]}
      />
    </FormDialog>
  )
}

/** Moves a department to the top of the company. */
const top = '00000000-0000-0000-0000-000000000000'

async function save(department: Department | undefined, name: string, parentId: string) {
  if (!department) {
    await send(api.POST('/departments', { body: { name, ...(parentId ? { parentId } : {}) } }))
    return
  }
  await send(
    api.PATCH('/departments/{id}', {
      params: { path: { id: department.id } },
      body: { name, parentId: parentId || top },
    }),
  )
}

/** The tree without a department and what is under it: it cannot be moved into itself. */
function without(tree: readonly Branch<Department>[], id: string | undefined): Branch<Department>[] {
  return tree
    .filter(({ department }) => department.id !== id)
    .map((branch) => ({ ...branch, children: without(branch.children, id) }))
}
