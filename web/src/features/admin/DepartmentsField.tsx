import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { SelectField } from '@/ui/antd/SelectField'
import { departmentTree, flatten, pathOf } from '@/ui/departmentTree'
import { departmentsQuery } from './queries'

interface DepartmentsFieldProps {
  value: string[]
  onChange: (ids: string[]) => void
}

/** Departments of a person; the first is the primary one. */
export function DepartmentsField({ value, onChange }: DepartmentsFieldProps) {
  const { t, i18n } = useTranslation('admin')
  const { data = [], isPending } = useQuery(departmentsQuery)
  return (
    <SelectField
      label={t('field.departments')}
      mode="multiple"
      loading={isPending}
      value={value}
      onChange={onChange}
      placeholder={t('field.departmentsHint')}
      optionFilterProp="label"
      options={flatten(departmentTree(data, i18n.language)).map(({ department }) => ({
        value: department.id,
        label: pathOf(data, department.id),
      }))}
    />
  )
}
