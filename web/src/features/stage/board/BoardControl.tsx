import { useTranslation } from 'react-i18next'
import { ControlButton } from '@/ui/stage/ControlButton'
import { MenuButton } from '@/ui/stage/Menu'
import { useStore } from '@/ui/useStore'
import { useStage } from '../stageCall'
import { useBoardEntries } from './useBoardEntries'

interface BoardControlProps {
  shownId: string | null
  onShow: (boardId: string) => void
  onPick: () => void
}

/** The button of boards in the bar of a desktop. */
export function BoardControl(props: BoardControlProps) {
  const { t } = useTranslation('boards')
  const { call } = useStage()
  const entries = useBoardEntries(props)
  const open = useStore(call, (snapshot) => snapshot.meeting?.boards.length ?? 0)
  const may = useStore(call, (snapshot) => snapshot.permissions.draw)
  if (open === 0 && !may) return <ControlButton icon="board" label={t('stage.none')} disabled />
  return (
    <MenuButton
      label={t('stage.bar')}
      entries={entries}
      trigger={(trigger) => (
        <ControlButton
          icon="board"
          label={t('stage.bar')}
          tone={props.shownId === null ? undefined : 'on'}
          {...trigger}
        />
      )}
    />
  )
}
