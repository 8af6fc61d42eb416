import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BoardDraft } from '@/core/api/types'
import { FormDialog } from '@/ui/antd/Dialog'
import { Icon } from '@/ui/Icon'
import { Loaded } from '@/ui/states'
import { TextField } from '@/ui/TextField'
import { titleLimit } from './limits'
import { templatesQuery } from './queries'

type Template = NonNullable<BoardDraft['template']>

interface TemplateDialogProps {
  busy: boolean
  onChoose: (draft: BoardDraft) => void
  onClose: () => void
}

/** Chooses what a new board begins with, by its picture. */
export function TemplateDialog({ busy, onChoose, onClose }: TemplateDialogProps) {
  const { t, i18n } = useTranslation(['boards', 'common'])
  const templates = useQuery(templatesQuery(i18n.language))
  const [chosen, setChosen] = useState<Template | ''>('')
  const [title, setTitle] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const name = title.trim()
    onChoose({ ...(chosen ? { template: chosen } : {}), ...(name ? { title: name } : {}) })
  }
  return (
    <FormDialog
      title={t('new.templateTitle')}
      width={720}
      submit={t('common:action.create')}
      busy={busy}
      onSubmit={submit}
      onClose={onClose}
    >
      <Loaded query={templates} failed={t('new.templatesFailed')} rows={2}>
        {(items) => (
          <fieldset className="bd-templates">
            <legend className="sr">{t('new.templateTitle')}</legend>
            <Choice value="" label={t('new.blank')} chosen={chosen} onChange={setChosen} />
            {items.map(({ name, title: label, thumbnailUrl }) => (
              <Choice
                key={name}
                value={name}
                label={label}
                picture={thumbnailUrl}
                chosen={chosen}
                onChange={setChosen}
              />
            ))}
          </fieldset>
        )}
      </Loaded>
      <TextField label={t('new.name')} value={title} onChange={setTitle} maxLength={titleLimit} />
    </FormDialog>
  )
}

interface ChoiceProps {
  value: Template | ''
  label: string
  picture?: string
  chosen: Template | ''
  onChange: (value: Template | '') => void
}

function Choice({ value, label, picture, chosen, onChange }: ChoiceProps) {
  return (
    <label className="bd-template">
      <input
        type="radio"
        name="template"
        value={value}
        checked={value === chosen}
        onChange={() => onChange(value)}
      />
      <span className="bd-pic">
        {picture ? <img src={picture} alt="" /> : <Icon name="plus" size={24} />}
      </span>
      <span>{label}</span>
    </label>
  )
}
