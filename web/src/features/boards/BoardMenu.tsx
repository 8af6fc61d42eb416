import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Board } from '@/core/api/types'
import { IconButton } from '@/ui/Button'
import { copyWithToast } from '@/ui/copyWithToast'
import { Menu, type MenuEntry } from '@/ui/Menu'
import { toast } from '@/ui/Toast'
import { useAct } from '@/ui/useAct'
import { deleteBoard, linkOf } from './acts'
import { createBoard } from './queries'
import { rightsOn } from './rights'

const RenameDialog = lazy(async () => ({ default: (await import('./RenameDialog')).RenameDialog }))
const MoveDialog = lazy(async () => ({ default: (await import('./MoveDialog')).MoveDialog }))
const ShareDialog = lazy(async () => ({ default: (await import('./ShareDialog')).ShareDialog }))

type DialogName = 'rename' | 'move' | 'share'

interface BoardMenuProps {
  board: Board
  /** On the board's own page: its history is one of the acts there as well, and after deleting one leaves. */
  open?: boolean
}

/** What one may do with a board as a whole. */
export function BoardMenu({ board, open = false }: BoardMenuProps) {
  const { t } = useTranslation(['boards', 'common'])
  const navigate = useNavigate()
  const [dialog, setDialog] = useState<DialogName>()
  const rights = rightsOn(board)
  const [duplicate, copying] = useAct(async () => {
    const copy = await createBoard({ from: { boardId: board.id } })
    const show = () => navigate({ to: '/boards/$boardId', params: { boardId: copy.id } })
    if (open) await show()
    const done = t('duplicated', { title: copy.title })
    if (open) toast.done(done)
    else toast.offering(done, t('open'), () => void show())
  })
  const remove = async () => {
    const removed = deleteBoard(board)
    if (open && (await removed)) await navigate({ to: '/boards' })
  }
  const item = (entry: Omit<Extract<MenuEntry, { kind: 'item' }>, 'kind'>): MenuEntry => ({
    kind: 'item',
    ...entry,
  })
  const entries: MenuEntry[] = [
    ...(rights.rename
      ? [item({ key: 'rename', label: t('rename.act'), icon: 'edit', onSelect: () => setDialog('rename') })]
      : []),
    ...(rights.seeAccess && !open
      ? [item({ key: 'share', label: t('share.act'), icon: 'people', onSelect: () => setDialog('share') })]
      : []),
    item({
      key: 'link',
      label: t('share.copyLink'),
      icon: 'link',
      onSelect: () => void copyWithToast(linkOf(board.id), t('share.linkCopied')),
    }),
    item({ key: 'copy', label: t('duplicate'), icon: 'copy', onSelect: () => void duplicate() }),
    ...(rights.move
      ? [item({ key: 'move', label: t('move.act'), icon: 'folder', onSelect: () => setDialog('move') })]
      : []),
    item({
      key: 'history',
      label: t('history.act'),
      icon: 'history',
      onSelect: () => void navigate({ to: '/boards/$boardId/history', params: { boardId: board.id } }),
    }),
    ...(rights.remove
      ? [
          { kind: 'line', key: 'line' } as const,
          item({
            key: 'delete',
            label: t('common:action.delete'),
            icon: 'trash',
            bad: true,
            onSelect: () => void remove(),
          }),
        ]
      : []),
  ]
  const close = () => setDialog(undefined)
  return (
    <>
      <Menu
        label={t('menu.label', { title: board.title })}
        align="end"
        entries={entries}
        button={(props) => (
          <IconButton
            icon="more"
            label={t('menu.label', { title: board.title })}
            aria-busy={copying || undefined}
            {...props}
          />
        )}
      />
      <Suspense fallback={null}>
        {dialog === 'rename' && <RenameDialog board={board} onClose={close} />}
        {dialog === 'move' && <MoveDialog board={board} onClose={close} />}
        {dialog === 'share' && <ShareDialog board={board} onClose={close} />}
      </Suspense>
    </>
  )
}
