import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { meQuery, queryClient } from '@/core/api/queries'
import type { Board, BoardAccess, BoardAccessEntry } from '@/core/api/types'
import { Dialog } from '@/ui/antd/Dialog'
import { Button } from '@/ui/Button'
import { Confirm } from '@/ui/Confirm'
import { copyWithToast } from '@/ui/copyWithToast'
import { Icon } from '@/ui/Icon'
import { Loaded } from '@/ui/states'
import { toast } from '@/ui/Toast'
import { useAct } from '@/ui/useAct'
import { AccessList } from './AccessList'
import { AddAccess } from './AddAccess'
import { withEntries, withoutEntry } from './access'
import { linkOf } from './acts'
import { accessQuery, setAccess, transferBoard } from './queries'

interface ShareDialogProps {
  board: Pick<Board, 'id' | 'title'>
  onClose: () => void
}

/** Who may open a board and what each may do there. Every change counts at once. */
export function ShareDialog({ board, onClose }: ShareDialogProps) {
  const { t } = useTranslation('boards')
  const access = useQuery(accessQuery(board.id))
  return (
    <Dialog
      title={t('share.title', { title: board.title })}
      width={560}
      onClose={onClose}
      footer={
        <div className="dialog-foot bd-share-foot">
          <Button icon="link" onClick={() => void copyWithToast(linkOf(board.id), t('share.linkCopied'))}>
            {t('share.copyLink')}
          </Button>
          <Button look="primary" onClick={onClose}>
            {t('share.done')}
          </Button>
        </div>
      }
    >
      <Loaded query={access} failed={t('share.failed')} rows={3}>
        {(data) => <Access board={board} access={data} />}
      </Loaded>
    </Dialog>
  )
}

function Access({ board, access }: { board: ShareDialogProps['board']; access: BoardAccess }) {
  const { t } = useTranslation(['boards', 'common'])
  const { data: me } = useQuery(meQuery)
  const [heir, setHeir] = useState<BoardAccessEntry>()
  const change = useChange(board.id)
  const [takeOver, takingOver] = useAct(async (userId: string) => {
    await transferBoard(board.id, userId)
    toast.done(t('share.takenOver', { title: board.title }))
  })
  const remove = async (entry: BoardAccessEntry) => {
    const now = queryClient.getQueryData(accessQuery(board.id).queryKey) ?? access
    if (!(await change(withoutEntry(now.entries, entry)))) return
    toast.undoable(
      t('share.removed', { name: entry.name || t('share.everyone') }),
      t('common:action.undo'),
      () => {
        const latest = queryClient.getQueryData(accessQuery(board.id).queryKey) ?? access
        void change(withEntries(latest.entries, [entry]))
      },
    )
  }
  return (
    <div className="form">
      {access.canChange ? (
        <AddAccess
          entries={access.entries}
          ownerId={access.owner.id}
          onAdd={(added) => change(withEntries(access.entries, added))}
        />
      ) : (
        <p className="note plain">
          <Icon name="lock" />
          <span className="grow">
            {t(access.canTakeOver ? 'share.ownerDisabled' : 'share.onlyOwner', { name: access.owner.name })}
          </span>
          {access.canTakeOver && me && (
            <Button size="sm" busy={takingOver} onClick={() => void takeOver(me.user.id)}>
              {t('share.takeOver')}
            </Button>
          )}
        </p>
      )}
      <AccessList
        access={access}
        ownId={me?.user.id}
        onRole={(entry, role) => void change(withEntries(access.entries, [{ ...entry, role }]))}
        onRemove={(entry) => void remove(entry)}
        onTransfer={setHeir}
      />
      {heir?.id && (
        <Confirm
          title={t('share.transferTitle', { name: heir.name ?? '' })}
          act={t('share.transfer')}
          onConfirm={async () => {
            await transferBoard(board.id, heir.id ?? '')
            toast.done(t('share.transferred', { name: heir.name ?? '' }))
          }}
          onClose={() => setHeir(undefined)}
        >
          {t('share.transferDetail', { title: board.title })}
        </Confirm>
      )}
    </div>
  )
}

/** Changes who may, seen at once and taken back when the server refuses; tells whether it was done. */
function useChange(boardId: string) {
  return async (entries: BoardAccessEntry[]): Promise<boolean> => {
    const { queryKey } = accessQuery(boardId)
    const before = queryClient.getQueryData(queryKey)
    if (before) queryClient.setQueryData(queryKey, { ...before, entries })
    try {
      await setAccess(boardId, entries)
      return true
    } catch (error) {
      queryClient.setQueryData(queryKey, before)
      toast.failed(error)
      return false
    }
  }
}
