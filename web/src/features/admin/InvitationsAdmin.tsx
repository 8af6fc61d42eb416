import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import { queryClient } from '@/core/api/queries'
import type { Invitation } from '@/core/api/types'
import { Button } from '@/ui/Button'
import { ConfirmButton } from '@/ui/Confirm'
import { pathOf } from '@/ui/departmentTree'
import { Icon } from '@/ui/Icon'
import { Empty, Loaded } from '@/ui/states'
import { Time } from '@/ui/Time'
import { toast } from '@/ui/Toast'
import { Head } from './Head'
import { departmentsQuery, invitationsQuery } from './queries'

const InviteDialog = lazy(async () => ({ default: (await import('./InviteDialog')).InviteDialog }))

/** Links that let somebody make an account, as long as they are open. */
export function InvitationsAdmin() {
  const { t } = useTranslation('admin')
  const [inviting, setInviting] = useState(false)
  const invitations = useQuery(invitationsQuery)
  const invite = (
    <Button look="primary" icon="plus" onClick={() => setInviting(true)}>
      {t('invitations.create')}
    </Button>
  )
  return (
    <>
      <Head title={t('invitations.title')} lead={t('invitations.detail')}>
        {invitations.data?.length ? invite : null}
      </Head>
      <Loaded query={invitations} failed={t('invitations.failed')}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon="link" title={t('invitations.none')} actions={invite}>
              {t('invitations.noneDetail')}
            </Empty>
          ) : (
            <ul className="ad-rows">
              {list.map((invitation) => (
                <InvitationRow key={invitation.id} invitation={invitation} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {inviting && (
        <Suspense fallback={null}>
          <InviteDialog onClose={() => setInviting(false)} />
        </Suspense>
      )}
    </>
  )
}

function InvitationRow({ invitation }: { invitation: Invitation }) {
  const { t } = useTranslation(['admin', 'common'])
  const { data: departments = [] } = useQuery(departmentsQuery)
  const withdraw = async () => {
    await send(api.DELETE('/invitations/{id}', { params: { path: { id: invitation.id } } }))
    await queryClient.invalidateQueries(invitationsQuery)
    toast.done(t('invitations.withdrawn'))
  }
  return (
    <li>
      <Icon name="link" />
      <span className="grow">
        <b>
          <span className="ellipsis">{invitation.email || t('invitations.anybody')}</span>
          {invitation.role !== 'member' && (
            <span className="tag brand">{t(`common:role.${invitation.role}`)}</span>
          )}
        </b>
        <small>
          {t('invitations.by', { name: invitation.inviterName })} ·{' '}
          <Time at={invitation.expiresAt} words={(time) => t('invitations.expires', { time })} />
        </small>
      </span>
      <span className="side ellipsis">
        {invitation.departmentIds.map((id) => pathOf(departments, id)).join(' · ')}
      </span>
      <ConfirmButton
        title={t('invitations.withdrawTitle')}
        act={t('invitations.withdraw')}
        onConfirm={withdraw}
      >
        {t('invitations.withdrawDetail')}
      </ConfirmButton>
    </li>
  )
}
