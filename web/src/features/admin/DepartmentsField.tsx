import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { departmentTree, flatten, pathOf } from '@/ui/departmentTree'
import { departmentsQuery } from './queries'

interface DepartmentsFieldProps {
  value: string[]
  onChange: (ids: string[]) => void
}

/** Departments of a person; the first is the primary one. */
export function DepartmentsField({ value, onChange }: DepartmentsFieldProps) {
  const { t, i18n } = useTranslation('admin')
  const id = useId()
  const { data = [], isPending } = useQuery(departmentsQuery)
  return (
    <div className="field">
      <label htmlFor={id}>{t('field.departments')}</label>
      <Select
        id={id}
        mode="multiple"
        style={{ width: '100%' }}
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
    </div>
  )
}
