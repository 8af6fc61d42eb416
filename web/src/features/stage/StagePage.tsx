import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cx } from '@/ui/stage/cx'
import { useMedia, usePhone } from '@/ui/stage/useMedia'
import { useStore } from '@/ui/useStore'
import { Bar, PhoneBar } from './bar/Bar'
import { useMoreEntries } from './bar/useMoreEntries'
import { BoardControl } from './board/BoardControl'
import { BoardPicking } from './board/BoardPicking'
import { ConnectionDialog } from './dialogs/ConnectionDialog'
import { MeetingSettingsDialog } from './dialogs/MeetingSettingsDialog'
import { ShortcutsDialog } from './dialogs/ShortcutsDialog'
import { Announcer } from './notices/Announcer'
import { LooseReactions } from './notices/LooseReactions'
import { Notices } from './notices/Notices'
import styles from './StagePage.module.css'
import { type StageBoards, type StageCall, StageContext, type StageDevices } from './stageCall'
import { PhoneTop, TopBar } from './TopBar'
import { useShortcuts } from './useShortcuts'
import { useView } from './useView'
import { ViewReporter } from './viewReporter'
import { Views } from './views/Views'

export type PanelName = 'people' | 'chat'
export type DialogName = 'shortcuts' | 'connection' | 'settings' | 'board'

/** What a panel is told by the stage that shows it. */
export interface PanelProps {
  onClose: () => void
  pinnedId: string | null
  onPin: (participantId: string | null) => void
}

interface StagePageProps {
  call: StageCall
  devices: StageDevices
  boards: StageBoards
  /** Address that others join by. */
  meetingUrl: string
  /** Messages that were not read yet. */
  unread: number
  people: (props: PanelProps) => ReactNode
  /** Absent for those who may not see the chat. */
  chat: ((props: PanelProps) => ReactNode) | null
  /** The panel that is open at first. */
  openPanel?: PanelName
}

/** The meeting: pictures, the bar, a panel beside them, messages to oneself in rows of their own. */
export function StagePage(props: StagePageProps) {
  const { call, devices, boards } = props
  const [reporter] = useState(() => new ViewReporter((tiles) => call.setView(tiles)))
  useEffect(() => () => reporter.close(), [reporter])
  const scope = useMemo(() => ({ call, devices, reporter, boards }), [call, devices, reporter, boards])
  return (
    <StageContext value={scope}>
      <Stage {...props} />
    </StageContext>
  )
}

function Stage({ call, meetingUrl, unread, people, chat, openPanel }: StagePageProps) {
  const { t } = useTranslation('stage')
  const phone = usePhone()
  const lying = useMedia('(max-height: 500px) and (pointer: coarse)')
  const [panel, setPanel] = useState<PanelName | null>(openPanel ?? null)
  const [dialog, setDialog] = useState<DialogName | null>(null)
  const { view, setWish, setShare, setBoard, pinnedId, setPinned } = useView(call)
  const togglePanel = useCallback((name: PanelName) => setPanel((now) => (now === name ? null : name)), [])
  const closePanel = useCallback(() => setPanel(null), [])
  useShortcuts(call, { onPanel: togglePanel, onHelp: () => setDialog('shortcuts'), chatShown: chat !== null })
  const more = useMoreEntries({
    phone,
    meetingUrl,
    view,
    onWish: setWish,
    onDialog: setDialog,
    onPanel: togglePanel,
    onBoard: setBoard,
    onPickBoard: () => setDialog('board'),
  })
  const panelProps: PanelProps = { onClose: closePanel, pinnedId, onPin: setPinned }
  const open = panel === 'people' ? people(panelProps) : panel === 'chat' ? chat?.(panelProps) : null
  const bar = {
    panel,
    onPanel: togglePanel,
    chatShown: chat !== null,
    unread,
    more,
    board: (
      <BoardControl
        shownId={view.kind === 'board' ? view.boardId : null}
        onShow={setBoard}
        onPick={() => setDialog('board')}
      />
    ),
  }
  const dropped = useStore(call, (snapshot) => snapshot.call.phase === 'reconnecting')
  const title = useStore(call, (snapshot) => snapshot.meeting?.title ?? '')
  return (
    <main
      className={cx(
        'stage',
        styles.stage,
        phone ? styles.phone : styles.desktop,
        lying && styles.lying,
        Boolean(open) && styles.withPanel,
        dropped && styles.dropped,
      )}
      data-theme="dark"
      aria-label={t('label', { title })}
    >
      {phone ? <PhoneTop onPeople={() => togglePanel('people')} /> : <TopBar view={view} onWish={setWish} />}
      <div className={styles.main}>
        <Views
          view={view}
          phone={phone}
          pinnedId={pinnedId}
          onPin={setPinned}
          onShare={setShare}
          onBoard={setBoard}
          onCloseBoard={() => setWish('gallery')}
          onOthers={() => setPanel('people')}
          notices={<Notices phone={phone} meetingUrl={meetingUrl} />}
        />
      </div>
      {open}
      <div className={styles.controls}>
        <LooseReactions />
        {phone ? <PhoneBar {...bar} /> : <Bar {...bar} />}
      </div>
      {dialog === 'shortcuts' && <ShortcutsDialog onClose={() => setDialog(null)} />}
      {dialog === 'connection' && <ConnectionDialog onClose={() => setDialog(null)} />}
      {dialog === 'settings' && <MeetingSettingsDialog onClose={() => setDialog(null)} />}
      {dialog === 'board' && <BoardPicking onClose={() => setDialog(null)} />}
      <Announcer />
    </main>
  )
}
