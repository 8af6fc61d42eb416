import { type ReactNode, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ParticipantView } from '@/core/meeting/state'
import type { Board } from '@/core/meeting/wire'
import { Icon } from '@/ui/Icon'
import { IconButton } from '@/ui/stage/IconButton'
import { MenuButton, type MenuEntry } from '@/ui/stage/Menu'
import { useMedia } from '@/ui/stage/useMedia'
import { toast } from '@/ui/Toast'
import { useAct } from '@/ui/useAct'
import { useStore } from '@/ui/useStore'
import { useStage } from '../stageCall'
import { toggleFullScreen, useFullScreen } from '../useFullScreen'
import { Strip } from '../views/Strip'
import styles from './BoardView.module.css'
import { closeBoard } from './boardActs'

interface BoardViewProps {
  boardId: string
  onBoard: (boardId: string) => void
  /** Closes it for oneself. */
  onClose: () => void
  phone: boolean
  pinnedId: string | null
  onPin: (participantId: string | null) => void
  onOthers: () => void
  actions: (participant: ParticipantView) => ReactNode
}

const none: readonly Board[] = []

/** A board, large, to draw on together; people in a row below. */
export function BoardView({ boardId, onBoard, onClose, phone, ...strip }: BoardViewProps) {
  const { call, boards } = useStage()
  const open = useStore(call, (snapshot) => snapshot.meeting?.boards ?? none)
  const lying = useMedia('(orientation: landscape)')
  const view = useRef<HTMLElement>(null)
  const board = open.find(({ id }) => id === boardId)
  if (!board) return null
  return (
    <section ref={view} className={styles.view} aria-label={board.title}>
      <Head
        board={board}
        open={open}
        onBoard={onBoard}
        onClose={onClose}
        onFullScreen={() => void toggleFullScreen(view.current)}
      />
      <div className={styles.board} data-board={board.id} data-theme="light" key={board.id}>
        {boards.editor(board)}
      </div>
      {!(phone && lying) && <Strip {...strip} phone={phone} />}
    </section>
  )
}

interface HeadProps {
  board: Board
  open: readonly Board[]
  onBoard: (boardId: string) => void
  onClose: () => void
  onFullScreen: () => void
}

function Head({ board, open, onBoard, onClose, onFullScreen }: HeadProps) {
  const { t } = useTranslation('boards')
  const { call } = useStage()
  const full = useFullScreen()
  const mine = useStore(call, (snapshot) => board.openedBy !== undefined && board.openedBy === snapshot.self)
  const rules = useStore(call, (snapshot) => mine || snapshot.permissions.moderate)
  const presented = useStore(call, (snapshot) => snapshot.meeting?.presentedBoardId === board.id)
  // A share that began later lies over the board for the others.
  const shared = useStore(call, (snapshot) => snapshot.shares.length > 0)
  const present = () => {
    if (presented) call.presentBoard(null)
    call.presentBoard(board.id)
  }
  return (
    <header className={styles.head}>
      <Icon name="board" size={16} />
      <span className={styles.who}>
        <b>{board.title}</b>{' '}
        <span>{mine ? t('stage.openedByMe') : t('stage.openedBy', { name: board.openedByName })}</span>
      </span>
      {open.length > 1 && <Switch board={board} open={open} onBoard={onBoard} />}
      {rules && (!presented || shared) && (
        <button type="button" className={styles.segment} onClick={present}>
          <Icon name="people" size={16} />
          <span>{t('stage.forAll')}</span>
        </button>
      )}
      {document.fullscreenEnabled && (
        <IconButton label={t(full ? 'stage.exitFull' : 'stage.full')} onClick={onFullScreen}>
          <Icon name="full" size={20} />
        </IconButton>
      )}
      <Close board={board} rules={rules} onClose={onClose} />
    </header>
  )
}

function Switch({ board, open, onBoard }: Pick<HeadProps, 'board' | 'open' | 'onBoard'>) {
  const { t } = useTranslation('boards')
  const at = open.findIndex(({ id }) => id === board.id) + 1
  return (
    <MenuButton
      label={t('stage.choose')}
      side="bottom"
      align="end"
      entries={open.map(({ id, title }) => ({
        kind: 'radio',
        key: id,
        label: title,
        checked: id === board.id,
        onSelect: () => onBoard(id),
      }))}
      trigger={(trigger) => (
        <button type="button" className={styles.segment} {...trigger}>
          <Icon name="copy" size={16} />
          {t('stage.count', { at, count: open.length })}
          <Icon name="down" size={14} />
        </button>
      )}
    />
  )
}

/** Closes the board; who may close it for all is asked which of the two. */
function Close({ board, rules, onClose }: { board: Board; rules: boolean; onClose: () => void }) {
  const { t } = useTranslation('boards')
  const { call } = useStage()
  const [closeForAll] = useAct(async () => {
    const id = call.getSnapshot().meeting?.id
    if (!id) return
    await closeBoard(id, board.id)
    toast.done(t('stage.closed'))
  })
  if (!rules) {
    return (
      <IconButton label={t('stage.close')} onClick={onClose}>
        <Icon name="x" size={20} />
      </IconButton>
    )
  }
  const entries: MenuEntry[] = [
    { key: 'hide', icon: 'x', label: t('stage.hide'), detail: t('stage.hideDetail'), onSelect: onClose },
    {
      key: 'all',
      icon: 'board',
      label: t('stage.closeAll'),
      detail: t('stage.closeAllDetail'),
      onSelect: () => void closeForAll(),
    },
  ]
  return (
    <MenuButton
      label={t('stage.close')}
      side="bottom"
      align="end"
      entries={entries}
      trigger={(trigger) => (
        <IconButton label={t('stage.close')} {...trigger}>
          <Icon name="x" size={20} />
        </IconButton>
      )}
    />
  )
}
