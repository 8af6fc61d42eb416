import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { queryClient } from '@/core/api/queries'
import type { Meeting } from '@/core/api/types'
import { Button, IconButton } from '@/ui/Button'
import { Confirm } from '@/ui/Confirm'
import { copyWithToast } from '@/ui/copyWithToast'
import { Icon } from '@/ui/Icon'
import { Menu, type MenuEntry } from '@/ui/Menu'
import { toast } from '@/ui/Toast'
import { cancelMeeting, invitationTextQuery } from './queries'
import { ScheduleLazy } from './ScheduleLazy'

/** What one can do with a meeting: go in, pass it on, change it. */
export function MeetingActs({ meeting }: { meeting: Meeting }) {
  const { t, i18n } = useTranslation(['meetings', 'common'])
  const [open, setOpen] = useState<'edit' | 'cancel'>()
  const running = meeting.status === 'running'
  const copyInvitation = async () => {
    try {
      const text = await queryClient.fetchQuery(invitationTextQuery(meeting.id, i18n.language))
      await copyWithToast(text, t('detail.invitationCopied'))
    } catch (error) {
      toast.failed(error)
    }
  }
  const more: MenuEntry[] = [
    ...(meeting.instant
      ? []
      : [
          {
            kind: 'item',
            key: 'ics',
            label: t('detail.calendar'),
            icon: 'cal',
            onSelect: () => window.location.assign(calendarUrl(meeting.id)),
          } as const,
        ]),
    ...(meeting.canEdit && meeting.status !== 'ended'
      ? [
          {
            kind: 'item',
            key: 'edit',
            label: t('common:action.edit'),
            icon: 'edit',
            onSelect: () => setOpen('edit'),
          } as const,
        ]
      : []),
    ...(meeting.canCancel && meeting.status === 'scheduled'
      ? [
          {
            kind: 'item',
            key: 'cancel',
            label: t('cancel.act'),
            icon: 'trash',
            bad: true,
            onSelect: () => setOpen('cancel'),
          } as const,
        ]
      : []),
  ]
  return (
    <div className="md-acts">
      {!meeting.cancelled && (
        <Link className={running ? 'btn live' : 'btn primary'} to="/m/$code" params={{ code: meeting.code }}>
          <Icon name="cam" size={16} />
          {running ? t('join') : meeting.status === 'ended' ? t('enterAgain') : t('enter')}
        </Link>
      )}
      {!meeting.cancelled && (
        <Button icon="copy" onClick={() => void copyInvitation()}>
          {t('detail.copyInvitation')}
        </Button>
      )}
      {more.length > 0 && (
        <Menu
          label={t('common:action.more')}
          align="end"
          entries={more}
          button={(props) => <IconButton icon="more" label={t('common:action.more')} {...props} />}
        />
      )}
      {open === 'edit' && <ScheduleLazy meeting={meeting} onClose={() => setOpen(undefined)} />}
      {open === 'cancel' && <CancelDialog meeting={meeting} onClose={() => setOpen(undefined)} />}
    </div>
  )
}

function calendarUrl(id: string): string {
  return `/api/v1/meetings/${id}/invitation.ics`
}

function CancelDialog({ meeting, onClose }: { meeting: Meeting; onClose: () => void }) {
  const { t } = useTranslation('meetings')
  const navigate = useNavigate()
  const cancel = async () => {
    await cancelMeeting(meeting.id)
    toast.done(t('cancel.done', { title: meeting.title }))
    await navigate({ to: '/meetings' })
  }
  return (
    <Confirm
      title={t('cancel.title', { title: meeting.title })}
      act={t('cancel.act')}
      onConfirm={cancel}
      onClose={onClose}
    >
      {meeting.rrule ? t('cancel.detailSeries') : t('cancel.detail')}
    </Confirm>
  )
}
