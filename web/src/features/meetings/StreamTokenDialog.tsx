import { Select } from 'antd'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NewStreamToken, StreamRight } from '@/core/api/types'
import { Dialog, FormDialog } from '@/ui/antd/Dialog'
import { Button, IconButton } from '@/ui/Button'
import { copyWithToast } from '@/ui/copyWithToast'
import { TextField } from '@/ui/TextField'
import { useForm } from '@/ui/useForm'
import { createStreamToken } from './queries'

const rights: readonly StreamRight[] = ['publish', 'watch']
const lifetimes = [1, 7, 90, 0] as const
type Lifetime = (typeof lifetimes)[number]

interface DialogProps {
  meetingId: string
  onClose: () => void
}

/** Makes a stream token; its secret is shown once, with the address that belongs to it. */
export function StreamTokenDialog({ meetingId, onClose }: DialogProps) {
  const { t } = useTranslation('meetings')
  const [made, setMade] = useState<NewStreamToken>()
  if (!made) return <CreateForm meetingId={meetingId} onClose={onClose} onCreated={setMade} />
  return (
    <Dialog
      title={t('streams.madeTitle')}
      onClose={onClose}
      footer={
        <div className="dialog-foot">
          <Button look="primary" onClick={onClose}>
            {t('streams.kept')}
          </Button>
        </div>
      }
    >
      <div className="form">
        <p>{t(`streams.how.${made.right}`)}</p>
        <Copied label={t('streams.url')} act={t('streams.copyAddress')} text={made.url} />
        <Copied label={t('streams.token')} act={t('streams.copyToken')} text={made.token} />
        <p className="hint">{t('streams.once')}</p>
      </div>
    </Dialog>
  )
}

function Copied({ label, act, text }: { label: string; act: string; text: string }) {
  const { t } = useTranslation('meetings')
  return (
    <div className="field">
      <span className="label">{label}</span>
      <div className="streams-secret">
        <code>{text}</code>
        <IconButton icon="copy" label={act} onClick={() => void copyWithToast(text, t('streams.copied'))} />
      </div>
    </div>
  )
}

interface FormProps extends DialogProps {
  onCreated: (made: NewStreamToken) => void
}

function CreateForm({ meetingId, onClose, onCreated }: FormProps) {
  const { t } = useTranslation(['meetings', 'common'])
  const rightId = useId()
  const lifetimeId = useId()
  const form = useForm<{ name: string; right: StreamRight; days: Lifetime }>({
    initial: { name: 'OBS', right: 'publish', days: 7 },
    check: (values) => (values.name.trim() ? {} : { name: t('common:form.required') }),
    fieldOfCode: { nameInvalid: 'name' },
    submit: async ({ name, right, days }) => {
      const expiry = days > 0 ? { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() } : {}
      onCreated(await createStreamToken(meetingId, { name: name.trim(), right, ...expiry }))
    },
  })
  return (
    <FormDialog
      title={t('streams.create')}
      submit={t('common:action.create')}
      busy={form.busy}
      failure={form.failure}
      onSubmit={form.onSubmit}
      onClose={onClose}
    >
      <TextField label={t('streams.name')} {...form.field('name')} hint={t('streams.nameHint')} autoFocus />
      <div className="field">
        <label htmlFor={rightId}>{t('streams.rightLabel')}</label>
        <Select
          id={rightId}
          value={form.values.right}
          onChange={(right) => form.set('right', right)}
          options={rights.map((right) => ({ value: right, label: t(`streams.may.${right}`) }))}
        />
      </div>
      <div className="field">
        <label htmlFor={lifetimeId}>{t('streams.lifetime')}</label>
        <Select
          id={lifetimeId}
          value={form.values.days}
          onChange={(days) => form.set('days', days)}
          options={lifetimes.map((days) => ({
            value: days,
            label: days === 0 ? t('streams.forever') : t('streams.days', { count: days }),
          }))}
        />
      </div>
    </FormDialog>
  )
}
