import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Board } from '@/core/api/types'
import { Button, IconButton } from '@/ui/Button'
import { Confirm } from '@/ui/Confirm'
import { Menu } from '@/ui/Menu'
import { Time } from '@/ui/Time'
import { toast } from '@/ui/Toast'
import { deleteForGood, restoreBoard } from './acts'
import { BoardThumbnail } from './BoardCard'
import { daysLeft } from './daysLeft'

/** A board in the trash: how long it stays, the way back, and the way out. */
export function TrashCard({ board, deletedAt }: { board: Board; deletedAt: string }) {
  const { t } = useTranslation(['boards', 'common'])
  const [asking, setAsking] = useState(false)
  const left = daysLeft(deletedAt, new Date())
  return (
    <article className="bd-card gone">
      <BoardThumbnail board={board} />
      <div className="bd-text">
        <b className="ellipsis" title={board.title}>
          {board.title}
        </b>
        <Menu
          label={t('menu.label', { title: board.title })}
          align="end"
          entries={[
            {
              kind: 'item',
              key: 'gone',
              label: t('trash.forGood'),
              icon: 'trash',
              bad: true,
              onSelect: () => setAsking(true),
            },
          ]}
          button={(props) => (
            <IconButton icon="more" label={t('menu.label', { title: board.title })} {...props} />
          )}
        />
        <div className="bd-meta">
          <p>
            <Time at={deletedAt} words={(time) => t('trash.deleted', { time })} />
          </p>
          <p>{t('trash.left', { count: left })}</p>
        </div>
        <Button
          size="sm"
          icon="undo"
          aria-label={t('trash.restoreNamed', { title: board.title })}
          onClick={() => void restoreBoard(board)}
        >
          {t('trash.restore')}
        </Button>
      </div>
      {asking && (
        <Confirm
          title={t('trash.forGoodTitle', { title: board.title })}
          act={t('trash.forGood')}
          onConfirm={async () => {
            await deleteForGood(board)
            toast.done(t('trash.forGoodDone', { title: board.title }))
          }}
          onClose={() => setAsking(false)}
        >
          {t('trash.forGoodDetail')}
        </Confirm>
      )}
    </article>
  )
}
