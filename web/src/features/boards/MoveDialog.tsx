import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { meQuery } from '@/core/api/queries'
import type { Board } from '@/core/api/types'
import { FormDialog } from '@/ui/antd/Dialog'
import { SelectField } from '@/ui/antd/SelectField'
import { departmentTree, flatten, pathOf } from '@/ui/departmentTree'
import { toast } from '@/ui/Toast'
import { useForm } from '@/ui/useForm'
import { updateBoard } from './acts'
import { andAbove } from './andAbove'
import { departmentsQuery } from './queries'

/** Moves a board between one's own boards and those of a department. */
export function MoveDialog({ board, onClose }: { board: Board; onClose: () => void }) {
  const { t, i18n } = useTranslation(['boards', 'common'])
  const { data: me } = useQuery(meQuery)
  const { data: departments = [], isPending } = useQuery(departmentsQuery)
  const own = andAbove(departments, me?.user.departments.map(({ id }) => id) ?? [])
  const form = useForm({
    initial: { departmentId: board.place.departmentId ?? '' },
    submit: async ({ departmentId }) => {
      const before = board.place.departmentId ?? ''
      if (departmentId !== before) await updateBoard(board.id, { departmentId })
      onClose()
      if (departmentId === before) return
      toast.undoable(t('move.done', { title: board.title }), t('common:action.undo'), () => {
        updateBoard(board.id, { departmentId: before }).catch(toast.failed)
      })
    },
  })
  const places = flatten(departmentTree(departments, i18n.language))
    .filter(({ department: { id } }) => own.has(id) || id === board.place.departmentId)
    .map(({ department: { id } }) => ({ value: id, label: pathOf(departments, id) }))
  return (
    <FormDialog
      title={t('move.title', { title: board.title })}
      submit={t('move.submit')}
      busy={form.busy}
      failure={form.failure}
      onSubmit={(event) => void form.onSubmit(event)}
      onClose={onClose}
    >
      <SelectField
        label={t('move.field')}
        hint={t('move.hint')}
        loading={isPending}
        showSearch={{ optionFilterProp: 'label' }}
        value={form.values.departmentId}
        onChange={(departmentId) => form.set('departmentId', departmentId)}
        options={[{ value: '', label: t('view.mine') }, ...places]}
      />
    </FormDialog>
  )
}
