import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { may, meQuery } from '@/core/api/queries'
import type { Person } from '@/core/api/types'

type Role = Person['role']
const roles: readonly Role[] = ['member', 'admin', 'owner']

/** The role in the company. Only an owner makes owners, or changes one. */
export function RoleField({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useTranslation(['admin', 'common'])
  const id = useId()
  const { data: me } = useQuery(meQuery)
  const owners = may(me, 'owners.manage')
  return (
    <div className="field">
      <label htmlFor={id}>{t('field.role')}</label>
      <Select
        id={id}
        style={{ width: '100%' }}
        value={value}
        disabled={value === 'owner' && !owners}
        onChange={onChange}
        options={roles
          .filter((role) => role !== 'owner' || owners || value === 'owner')
          .map((role) => ({ value: role, label: t(`common:role.${role}`) }))}
      />
      <div className="hint">{t(`roleDetail.${value}`)}</div>
    </div>
  )
}
