import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NewStreamToken, StreamRight } from '@/core/api/types'
import { FormDialog } from '@/ui/antd/Dialog'
import { SelectField } from '@/ui/antd/SelectField'
import { expiryIn, LifetimeField, NewTokenDialog } from '@/ui/antd/tokens'
import { SecretBox } from '@/ui/SecretBox'
import { TextField } from '@/ui/TextField'
import { useForm } from '@/ui/useForm'
import { createStreamToken } from './queries'

const rights: readonly StreamRight[] = ['publish', 'watch']
/** In days; 0 stands for one that does not expire. */
const lifetimes = [1, 7, 90, 0]

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
    <NewTokenDialog onClose={onClose}>
      <p>{t(`streams.how.${made.right}`)}</p>
      <Copied label={t('streams.url')} act={t('streams.copyAddress')} text={made.url} />
      <Copied label={t('streams.token')} act={t('streams.copyToken')} text={made.secret} />
      <p className="hint">{t('streams.once')}</p>
    </NewTokenDialog>
  )
}

function Copied({ label, act, text }: { label: string; act: string; text: string }) {
  const { t } = useTranslation('meetings')
  return (
    <div className="field">
      <span className="label">{label}</span>
      <SecretBox text={text} act={act} done={t('streams.copied')} />
    </div>
  )
}

interface FormProps extends DialogProps {
  onCreated: (made: NewStreamToken) => void
}

function CreateForm({ meetingId, onClose, onCreated }: FormProps) {
  const { t } = useTranslation(['meetings', 'common'])
  const form = useForm<{ name: string; right: StreamRight; days: number }>({
    initial: { name: 'OBS', right: 'publish', days: 7 },
    check: (values) => (values.name.trim() ? {} : { name: t('common:form.required') }),
    fieldOfCode: { nameInvalid: 'name' },
    submit: async ({ name, right, days }) => {
      onCreated(await createStreamToken(meetingId, { name: name.trim(), right, ...expiryIn(days) }))
    },
  })
  return (
    <FormDialog
      title={t('common:token.create')}
      submit={t('common:action.create')}
      busy={form.busy}
      failure={form.failure}
      onSubmit={form.onSubmit}
      onClose={onClose}
    >
      <TextField label={t('streams.name')} {...form.field('name')} hint={t('streams.nameHint')} autoFocus />
      <SelectField
        label={t('streams.rightLabel')}
        value={form.values.right}
        onChange={(right) => form.set('right', right)}
        options={rights.map((right) => ({ value: right, label: t(`streams.may.${right}`) }))}
      />
      <LifetimeField
        choices={lifetimes}
        value={form.values.days}
        onChange={(days) => form.set('days', days)}
      />
    </FormDialog>
  )
}
