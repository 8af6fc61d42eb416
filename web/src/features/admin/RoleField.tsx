import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { may, meQuery } from '@/core/api/queries'
import type { Person } from '@/core/api/types'
import { SelectField } from '@/ui/antd/SelectField'

type Role = Person['role']
const roles: readonly Role[] = ['member', 'admin', 'owner']

/** The role in the company. Only an owner makes owners, or changes one. */
export function RoleField({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useTranslation(['admin', 'common'])
  const { data: me } = useQuery(meQuery)
  const owners = may(me, 'owners.manage')
  return (
    <SelectField
      label={t('field.role')}
      hint={t(`roleDetail.${value}`)}
      value={value}
      disabled={value === 'owner' && !owners}
      onChange={onChange}
      options={roles
        .filter((role) => role !== 'owner' || owners || value === 'owner')
        .map((role) => ({ value: role, label: t(`common:role.${role}`) }))}
    />
  )
}
