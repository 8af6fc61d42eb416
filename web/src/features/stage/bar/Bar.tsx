import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ControlButton } from '@/ui/stage/ControlButton'
import { MenuButton, type MenuEntry } from '@/ui/stage/Menu'
import { useStore } from '@/ui/useStore'
import type { PanelName } from '../StagePage'
import { useStage } from '../stageCall'
import styles from './Bar.module.css'
import { CameraControl, CameraMenu, MicrophoneControl, MicrophoneMenu } from './DeviceMenus'
import { LeaveControl } from './LeaveControl'
import { ReactionControl } from './ReactionControl'
import { ShareControl } from './ShareControl'

interface BarProps {
  panel: PanelName | null
  onPanel: (panel: PanelName) => void
  chatShown: boolean
  unread: number
  more: () => ReadonlyArray<MenuEntry>
  /** The control of boards; a phone has it under more. */
  board: ReactNode
}

/** The meeting bar of a desktop. Its order never changes. */
export function Bar({ panel, onPanel, chatShown, unread, more, board }: BarProps) {
  const { t } = useTranslation('stage')
  return (
    <div className={styles.bar} role="toolbar" aria-label={t('bar.label')}>
      <span className={styles.split}>
        <MicrophoneControl />
        <MicrophoneMenu />
      </span>
      <span className={styles.split}>
        <CameraControl />
        <CameraMenu />
      </span>
      <i className={styles.gap} />
      <ShareControl />
      <HandControl />
      <ReactionControl />
      <i className={styles.gap} />
      {board}
      {chatShown && <ChatControl open={panel === 'chat'} unread={unread} onToggle={() => onPanel('chat')} />}
      <PeopleControl open={panel === 'people'} onToggle={() => onPanel('people')} />
      <MenuButton
        label={t('bar.more')}
        align="end"
        entries={more}
        trigger={(trigger) => <ControlButton icon="more" label={t('bar.more')} {...trigger} />}
      />
      <i className={styles.gap} />
      <LeaveControl />
    </div>
  )
}

/** The bar of a phone: what a thumb needs at once; the rest is under more. */
export function PhoneBar({ panel, onPanel, chatShown, unread, more }: Omit<BarProps, 'board'>) {
  const { t } = useTranslation('stage')
  return (
    <div className={styles.phone} role="toolbar" aria-label={t('bar.label')}>
      <MicrophoneControl round />
      <CameraControl round />
      <HandControl round />
      {chatShown && (
        <ChatControl round open={panel === 'chat'} unread={unread} onToggle={() => onPanel('chat')} />
      )}
      <MenuButton
        label={t('bar.more')}
        entries={more}
        trigger={(trigger) => <ControlButton round icon="more" label={t('bar.more')} {...trigger} />}
      />
      <LeaveControl round />
    </div>
  )
}

function HandControl({ round }: { round?: boolean }) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const up = useStore(call, (snapshot) => snapshot.hands.some((hand) => hand.participantId === snapshot.self))
  return (
    <ControlButton
      round={round}
      icon="hand"
      label={up ? t('bar.lowerHand') : t('bar.raiseHand')}
      shortcut="H"
      tone={up ? 'on' : undefined}
      aria-pressed={up}
      onClick={() => call.raiseHand(!up)}
    />
  )
}

interface PanelControlProps {
  open: boolean
  onToggle: () => void
  round?: boolean
}

function ChatControl({ open, unread, onToggle, round }: PanelControlProps & { unread: number }) {
  const { t } = useTranslation('stage')
  return (
    <ControlButton
      round={round}
      icon="chat"
      label={unread > 0 ? t('bar.chatUnread', { count: unread }) : t('bar.chat')}
      shortcut="C"
      tone={open ? 'on' : undefined}
      badge={unread > 0 && !open ? { text: unread > 99 ? '99+' : String(unread) } : null}
      aria-pressed={open}
      onClick={onToggle}
    />
  )
}

function PeopleControl({ open, onToggle }: PanelControlProps) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const people = useStore(call, (snapshot) => snapshot.participants.length)
  const waiting = useStore(call, (snapshot) => snapshot.lobby.length)
  return (
    <ControlButton
      icon="people"
      label={waiting > 0 ? t('bar.peopleWaiting', { people, waiting }) : t('bar.people', { people })}
      shortcut="P"
      tone={open ? 'on' : undefined}
      badge={open ? null : waiting > 0 ? { text: String(waiting), urgent: true } : { text: String(people) }}
      aria-pressed={open}
      onClick={onToggle}
    />
  )
}
