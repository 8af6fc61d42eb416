import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Board, BoardDraft } from '@/core/api/types'
import { Button } from '@/ui/Button'
import { Menu } from '@/ui/Menu'
import { useAct } from '@/ui/useAct'
import { createBoard, importBoard } from './queries'

const TemplateDialog = lazy(async () => ({ default: (await import('./TemplateDialog')).TemplateDialog }))

interface NewBoardProps {
  /** Where the board is to stand; among one's own without. */
  departmentId: string | undefined
  /** Two buttons instead of one with a menu, where there is nothing else. */
  apart?: boolean
}

/** Makes a board, empty, of a template or of a file, and opens it. */
export function NewBoard({ departmentId, apart = false }: NewBoardProps) {
  const { t } = useTranslation('boards')
  const navigate = useNavigate()
  const file = useRef<HTMLInputElement>(null)
  const [choosing, setChoosing] = useState(false)
  const open = (board: Board) => navigate({ to: '/boards/$boardId', params: { boardId: board.id } })
  const place = departmentId ? { departmentId } : {}
  const [make, making] = useAct(async (draft: BoardDraft) => open(await createBoard({ ...draft, ...place })))
  const [bring, bringing] = useAct(async (chosen: File) => open(await importBoard(chosen)))
  const busy = making || bringing
  return (
    <>
      {apart ? (
        <>
          <Button look="primary" icon="plus" busy={busy} onClick={() => void make({})}>
            {t('new.title')}
          </Button>
          <Button onClick={() => setChoosing(true)}>{t('new.template')}</Button>
        </>
      ) : (
        <Menu
          label={t('new.title')}
          align="end"
          entries={[
            {
              kind: 'item',
              key: 'blank',
              label: t('new.blank'),
              icon: 'board',
              onSelect: () => void make({}),
            },
            {
              kind: 'item',
              key: 'template',
              label: t('new.template'),
              icon: 'grid',
              onSelect: () => setChoosing(true),
            },
            {
              kind: 'item',
              key: 'import',
              label: t('new.import'),
              icon: 'file',
              onSelect: () => file.current?.click(),
            },
          ]}
          button={(props) => (
            <Button look="primary" icon="plus" busy={busy} className="bd-new" {...props}>
              {bringing ? t('new.importing') : t('new.title')}
            </Button>
          )}
        />
      )}
      <input
        ref={file}
        type="file"
        hidden
        accept=".excalidraw,.json,application/json"
        onChange={(event) => {
          const chosen = event.target.files?.[0]
          event.target.value = ''
          if (chosen) void bring(chosen)
        }}
      />
      {choosing && (
        <Suspense fallback={null}>
          <TemplateDialog
            busy={making}
            onChoose={(draft) => void make(draft)}
            onClose={() => setChoosing(false)}
          />
        </Suspense>
      )}
    </>
  )
}
