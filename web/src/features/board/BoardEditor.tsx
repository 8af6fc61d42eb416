import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BoardPerson } from '@/core/boards/names'
import { BoardSession, type BoardState, canDraw } from '@/core/boards/session'
import { appearanceStore, type Scheme } from '@/core/theme/appearance'
import { Button, IconButton } from '@/ui/Button'
import { Empty } from '@/ui/states'
import { useStore } from '@/ui/useStore'
import { setAssetPath } from './assetPath'
import './board.css'
import { BoardNotes, BoardStatus } from './BoardStatus'

const Canvas = lazy(async () => {
  setAssetPath()
  return { default: (await import('./Canvas')).Canvas }
})

export interface BoardEditorProps {
  boardId: string
  title: string
  person: BoardPerson
  /** On the stage of a meeting: no bar of its own, and keys that are not meant for the board pass by. */
  embedded?: boolean
  /** Defaults to the appearance that the reader chose; the paper is light on the stage. */
  scheme?: Scheme
  onBack?: () => void
  /** The board is not there any more, or not for this person. */
  onGone?: (why: 'gone' | 'denied' | 'signedOut') => void
  /** At the right end of the bar: share, history, more. */
  actions?: ReactNode
}

/** A board to draw on together. It fills its box. */
export function BoardEditor(props: BoardEditorProps) {
  const { boardId, person } = props
  // Another person or board is another visit; so is a copy that was thrown away.
  const [visit, setVisit] = useState(0)
  return (
    <Visit key={`${boardId} ${person.key} ${visit}`} {...props} onDiscarded={() => setVisit(visit + 1)} />
  )
}

function Visit(props: BoardEditorProps & { onDiscarded: () => void }) {
  const { boardId, person } = props
  const session = useSession(boardId, person)
  return session ? <Open {...props} session={session} /> : <div className="board" />
}

function useSession(boardId: string, { key, name, avatarUrl }: BoardPerson): BoardSession | null {
  const [session, setSession] = useState<BoardSession | null>(null)
  useEffect(() => {
    const begun = new BoardSession({ boardId, person: { key, name, avatarUrl } })
    setSession(begun)
    return () => {
      begun.end()
      setSession(null)
    }
  }, [boardId, key, name, avatarUrl])
  return session
}

interface OpenProps extends BoardEditorProps {
  session: BoardSession
  onDiscarded: () => void
}

function Open({ session, boardId, title, person, embedded = false, onDiscarded, ...props }: OpenProps) {
  const { t } = useTranslation('board')
  const state = useStore(session.state)
  const { scheme: chosen } = useStore(appearanceStore)
  const scheme = props.scheme ?? (embedded ? 'light' : chosen)
  const { onGone, onBack } = props
  const { phase } = state
  useEffect(() => {
    if (phase === 'gone' || phase === 'denied' || phase === 'signedOut') onGone?.(phase)
  }, [phase, onGone])

  const over = isOver(state)
  return (
    <section className={embedded ? 'board embedded' : 'board'} aria-label={t('name', { title })}>
      {!embedded && (
        <header className="board-bar">
          {onBack && <IconButton icon="arrow-left" label={t('back')} onClick={onBack} />}
          <h1 className="ellipsis">{title}</h1>
          <BoardStatus state={state} />
          <span className="grow" />
          {!over && !state.remains && props.actions}
        </header>
      )}
      {over ? (
        <Over phase={over} {...(onBack ? { onBack } : {})} />
      ) : (
        <>
          <BoardNotes
            state={state}
            embedded={embedded}
            onDismiss={session.dismissRefusal}
            onDiscard={() => void session.discard().then(onDiscarded)}
            onAgain={onDiscarded}
          />
          {phase === 'loading' ? (
            <Opening />
          ) : (
            <Suspense fallback={<Opening />}>
              <KeysInside embedded={embedded}>
                <Canvas
                  session={session}
                  boardId={boardId}
                  title={title}
                  person={person}
                  scheme={scheme}
                  draws={canDraw(state)}
                  points={!state.remains && state.role !== null && state.role !== 'viewer'}
                  focus={!embedded}
                />
              </KeysInside>
            </Suspense>
          )}
        </>
      )}
    </section>
  )
}

/** On the stage, letters that choose a tool must not also mute a microphone. */
function KeysInside({ embedded, children }: { embedded: boolean; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only keeps keys from going further
    <div
      className="board-keys"
      onKeyDown={(event) => {
        if (embedded && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey)
          event.nativeEvent.stopPropagation()
      }}
    >
      {children}
    </div>
  )
}

function Opening() {
  const { t } = useTranslation('board')
  return (
    <div className="board-opening" role="status">
      <span className="spin lg" aria-hidden="true" />
      {t('opening')}
    </div>
  )
}

type OverPhase = 'gone' | 'denied' | 'signedOut' | 'fault'

function isOver({ phase, remains }: BoardState): OverPhase | null {
  return remains || phase === 'loading' || phase === 'live' || phase === 'offline' ? null : phase
}

function Over({ phase, onBack }: { phase: OverPhase; onBack?: () => void }) {
  const { t } = useTranslation('board')
  return (
    <div className="board-over" role="alert">
      <Empty
        icon="board"
        title={t(`over.${phase}.title`)}
        actions={
          phase === 'fault' || phase === 'signedOut' ? (
            <Button look="primary" onClick={() => location.reload()}>
              {t('reload')}
            </Button>
          ) : (
            onBack && (
              <Button look="primary" onClick={onBack}>
                {t('back')}
              </Button>
            )
          )
        }
      >
        {t(`over.${phase}.detail`)}
      </Empty>
    </div>
  )
}
