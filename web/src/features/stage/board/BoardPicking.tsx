import { useAct } from '@/ui/useAct'
import { useStage } from '../stageCall'
import { openBoard } from './boardActs'

/** Chooses one of one's own boards and opens it in the meeting. */
export function BoardPicking({ onClose }: { onClose: () => void }) {
  const { call, boards } = useStage()
  const [open] = useAct(async (boardId: string) => {
    const id = call.getSnapshot().meeting?.id
    if (id) await openBoard(id, { boardId })
  })
  const pick = (boardId: string) => {
    onClose()
    void open(boardId)
  }
  return boards.picker?.({ onPick: pick, onClose }) ?? null
}
