import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'
import type { Person } from '@/core/api/types'
import { FormDialog } from '@/ui/antd/Dialog'
import { SelectField } from '@/ui/antd/SelectField'
import { TextField } from '@/ui/TextField'
import { useForm } from '@/ui/useForm'
import { DepartmentsField } from './DepartmentsField'
import { LinkDialog } from './LinkDialog'
import { invitationsQuery } from './queries'
import { RoleField } from './RoleField'

const lifetimes = [24, 72, 168, 720] as const

interface Invite {
  email: string
  role: Person['role']
  departmentIds: string[]
  hours: number
}

/** Makes an invitation link for one person and shows it once. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('admin')
  const [url, setUrl] = useState<string>()
  const form = useForm<Invite>({
    initial: { email: '', role: 'member', departmentIds: [], hours: 168 },
    fieldOfCode: { loginInvalid: 'email' },
    submit: async ({ email, role, departmentIds, hours }) => {
      const body = {
        role,
        departmentIds,
        expiresInHours: hours,
        ...(email.trim() ? { email: email.trim() } : {}),
      }
      const created = await send(api.POST('/invitations', { body }))
      void queryClient.invalidateQueries(invitationsQuery)
      setUrl(created.url)
    },
  })
  if (url)
    return (
      <LinkDialog
        title={t('invitations.made')}
        detail={t('invitations.madeDetail')}
        url={url}
        onClose={onClose}
      />
    )
  return (
    <FormDialog
      title={t('invitations.create')}
      submit={t('invitations.submit')}
      busy={form.busy}
      failure={form.failure}
      onSubmit={form.onSubmit}
      onClose={onClose}
    >
      <TextField
        label={t('field.email')}
        {...form.field('email')}
        type="email"
        hint={t('field.emailHint')}
        autoFocus
      />
      <RoleField value={form.values.role} onChange={(role) => form.set('role', role)} />
      <DepartmentsField
        value={form.values.departmentIds}
        onChange={(ids) => form.set('departmentIds', ids)}
      />
      <SelectField
        label={t('field.lifetime')}
        value={form.values.hours}
        onChange={(hours) => form.set('hours', hours)}
        options={lifetimes.map((hours) => ({ value: hours, label: t('days', { count: hours / 24 }) }))}
      />
    </FormDialog>
  )
}
