import { useTranslation } from 'react-i18next'
import type { Board } from '@/core/api/types'
import { FormDialog } from '@/ui/antd/Dialog'
import { TextField } from '@/ui/TextField'
import { useForm } from '@/ui/useForm'
import { updateBoard } from './acts'
import { titleLimit } from './limits'

/** Gives a board another title. */
export function RenameDialog({
  board,
  onClose,
}: {
  board: Pick<Board, 'id' | 'title'>
  onClose: () => void
}) {
  const { t } = useTranslation(['boards', 'common'])
  const form = useForm({
    initial: { title: board.title },
    check: ({ title }) => (title.trim() === '' ? { title: t('common:form.required') } : {}),
    submit: async ({ title }) => {
      await updateBoard(board.id, { title: title.trim() })
      onClose()
    },
  })
  return (
    <FormDialog
      title={t('rename.title')}
      submit={t('common:action.save')}
      busy={form.busy}
      failure={form.failure}
      onSubmit={(event) => void form.onSubmit(event)}
      onClose={onClose}
    >
      <TextField
        label={t('rename.field')}
        {...form.field('title')}
        maxLength={titleLimit}
        autoFocus
        onFocus={(event) => event.target.select()}
      />
    </FormDialog>
  )
}
