import { useTranslation } from 'react-i18next'
import type { MenuEntry } from '@/ui/stage/Menu'
import { useAct } from '@/ui/useAct'
import { useStage } from '../stageCall'
import { type BoardWish, openBoard } from './boardActs'

const templates = ['retrospective', 'flowchart', 'kanban', 'brainstorm'] as const

interface BoardEntriesOptions {
  /** The board that is large now. */
  shownId: string | null
  onShow: (boardId: string) => void
  /** Asks which of one's own boards to open. */
  onPick: () => void
}

/** The boards that are open in the meeting, and the ways to open another. */
export function useBoardEntries({ shownId, onShow, onPick }: BoardEntriesOptions): () => MenuEntry[] {
  const { t } = useTranslation('boards')
  const { call, boards } = useStage()
  const [open] = useAct(async (wish: BoardWish) => {
    const id = call.getSnapshot().meeting?.id
    if (id) await openBoard(id, wish)
  })

  return () => {
    const { meeting, permissions } = call.getSnapshot()
    return [...opened(meeting?.boards ?? []), ...(permissions.draw ? fresh() : [refused()])]
  }

  function opened(there: ReadonlyArray<{ id: string; title: string }>): MenuEntry[] {
    if (there.length === 0) return []
    return [
      { kind: 'heading', key: 'opened', label: t('stage.opened') },
      ...there.map(
        ({ id, title }): MenuEntry => ({
          kind: 'radio',
          key: id,
          label: title,
          checked: id === shownId,
          onSelect: () => onShow(id),
        }),
      ),
      { kind: 'line', key: 'openedLine' },
    ]
  }

  function fresh(): MenuEntry[] {
    return [
      { key: 'newBoard', icon: 'plus', label: t('stage.new'), onSelect: () => void open({}) },
      ...(boards.picker
        ? [{ key: 'myBoard', icon: 'board', label: t('stage.mine'), onSelect: onPick } as const]
        : []),
      { kind: 'heading', key: 'templates', label: t('stage.templates') },
      ...templates.map(
        (template): MenuEntry => ({
          key: template,
          label: t(`stage.template.${template}`),
          onSelect: () => void open({ template }),
        }),
      ),
    ]
  }

  function refused(): MenuEntry {
    return { key: 'noBoard', icon: 'lock', label: t('stage.none'), disabled: true, onSelect: () => undefined }
  }
}
