import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import type { Person } from '@/core/api/types'
import { FormDialog } from '@/ui/antd/Dialog'
import { SelectField } from '@/ui/antd/SelectField'
import { toast } from '@/ui/Toast'
import { useForm } from '@/ui/useForm'

/** Gives the boards of somebody whose account is disabled to somebody else. */
export function HandOverDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const { t } = useTranslation('admin')
  const [words, setWords] = useState('')
  const q = useDeferredValue(words.trim())
  const people = useQuery({
    queryKey: ['people', 'heirs', q],
    placeholderData: keepPreviousData,
    queryFn: async () =>
      (await send(api.GET('/people', { params: { query: { ...(q ? { q } : {}), limit: 20 } } }))).items,
  })
  const heirs = (people.data ?? []).filter(({ id, disabled }) => !disabled && id !== person.id)
  const form = useForm({
    initial: { userId: '' },
    submit: async ({ userId }) => {
      const name = heirs.find(({ id }) => id === userId)?.name ?? ''
      const { count } = await send(
        api.POST('/users/{id}/boards/handover', { params: { path: { id: person.id } }, body: { userId } }),
      )
      toast.done(
        count > 0
          ? t('people.handOverDone', { count, name })
          : t('people.handOverNone', { name: person.name }),
      )
      onClose()
    },
  })
  return (
    <FormDialog
      title={t('people.handOverTitle', { name: person.name })}
      submit={t('people.handOverSubmit')}
      busy={form.busy}
      failure={form.failure}
      disabled={form.values.userId === ''}
      onSubmit={form.onSubmit}
      onClose={onClose}
    >
      <p className="muted">{t('people.handOverDetail')}</p>
      <SelectField
        label={t('people.heir')}
        value={form.values.userId || undefined}
        onChange={(userId) => form.set('userId', userId)}
        showSearch={{ filterOption: false, onSearch: setWords }}
        placeholder={t('people.heirHint')}
        loading={people.isFetching}
        notFoundContent={t('people.none')}
        options={heirs.map(({ id, name }) => ({ value: id, label: name }))}
      />
    </FormDialog>
  )
}
