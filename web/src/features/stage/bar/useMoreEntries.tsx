import { useTranslation } from 'react-i18next'
import { copyText } from '@/ui/copy'
import type { MenuEntry } from '@/ui/stage/Menu'
import { toast } from '@/ui/Toast'
import { useBoardEntries } from '../board/useBoardEntries'
import type { View, ViewWish } from '../layout/view'
import type { DialogName, PanelName } from '../StagePage'
import { useStage } from '../stageCall'
import { toggleFullScreen } from '../useFullScreen'
import { cameraEntries, microphoneEntries, speakerEntries } from './DeviceMenus'
import { Reactions } from './ReactionControl'

interface MoreOptions {
  phone: boolean
  meetingUrl: string
  view: View
  onWish: (wish: ViewWish) => void
  onDialog: (dialog: DialogName) => void
  onPanel: (panel: PanelName) => void
  onBoard: (boardId: string) => void
  onPickBoard: () => void
}

/** What is under "more"; on a phone also what the small bar has no room for. */
export function useMoreEntries(options: MoreOptions): () => MenuEntry[] {
  const { t } = useTranslation(['stage', 'boards'])
  const { call, devices } = useStage()
  const { phone, meetingUrl, view, onWish, onDialog } = options
  const boards = useBoardEntries({
    shownId: view.kind === 'board' ? view.boardId : null,
    onShow: options.onBoard,
    onPick: options.onPickBoard,
  })

  return () => {
    const { permissions, local, meeting } = call.getSnapshot()
    const entries: MenuEntry[] = phone
      ? [...phoneFirst(), ...layouts(), ...boards(), { kind: 'line', key: 'boardsLine' }]
      : []
    entries.push({ key: 'copy', icon: 'link', label: t('more.copyLink'), onSelect: () => void copyLink() })
    if (!phone && document.fullscreenEnabled) {
      entries.push({
        key: 'full',
        icon: 'full',
        label: t('view.full'),
        onSelect: () => void toggleFullScreen(document.documentElement),
      })
    }
    entries.push({
      key: 'connection',
      icon: 'signal',
      label: t('more.connection'),
      onSelect: () => onDialog('connection'),
    })
    if (permissions.moderate && isMember() && meeting) {
      entries.push({
        key: 'report',
        icon: 'history',
        label: t('more.report'),
        onSelect: () => window.open(`/meetings/${meeting.id}/quality`, '_blank', 'noopener'),
      })
    }
    if (!phone) {
      entries.push({
        key: 'keys',
        icon: 'info',
        label: t('more.shortcuts'),
        shortcut: '?',
        onSelect: () => onDialog('shortcuts'),
      })
    }
    if (permissions.changeSettings) {
      entries.push({
        key: 'settings',
        icon: 'sliders',
        label: t('more.settings'),
        onSelect: () => onDialog('settings'),
      })
    }
    if (phone) {
      entries.push({ kind: 'line', key: 'devices' }, ...microphoneEntries(local, devices, t))
      entries.push(...speakerEntries(local, devices, t), ...cameraEntries(local, devices, t))
    }
    return entries
  }

  /** A guest who hosts for want of others has no account to read the report with. */
  function isMember(): boolean {
    const { participants } = call.getSnapshot()
    return participants.some((one) => one.isSelf && one.userId !== undefined)
  }

  function phoneFirst(): MenuEntry[] {
    const { permissions, local } = call.getSnapshot()
    const entries: MenuEntry[] = [
      { kind: 'custom', key: 'react', content: (close) => <Reactions onDone={close} /> },
      { kind: 'line', key: 'reactLine' },
    ]
    if (local.sharing) {
      entries.push({
        key: 'share',
        icon: 'screen',
        label: t('bar.stopShare'),
        onSelect: () => call.stopShare(),
      })
    } else if (local.canShare && permissions.share) {
      entries.push({
        key: 'share',
        icon: 'screen',
        label: t('bar.share'),
        onSelect: () => void call.startShare({ hint: 'auto', audio: true }),
      })
    }
    return entries
  }

  function layouts(): MenuEntry[] {
    const { shares, meeting } = call.getSnapshot()
    const kinds = [
      ...(shares.length > 0 ? (['presentation'] as const) : []),
      ...(meeting && meeting.boards.length > 0 ? (['board'] as const) : []),
      'gallery' as const,
      'speaker' as const,
    ]
    return [
      { kind: 'heading', key: 'views', label: t('view.label') },
      ...kinds.map(
        (kind): MenuEntry => ({
          kind: 'radio',
          key: kind,
          label: kind === 'board' ? t('boards:stage.view') : t(`view.${kind}`),
          checked: view.kind === kind,
          onSelect: () => onWish(kind),
        }),
      ),
      { kind: 'line', key: 'viewsLine' },
    ]
  }

  async function copyLink(): Promise<void> {
    if (await copyText(meetingUrl)) toast.done(t('more.copied'))
  }
}
