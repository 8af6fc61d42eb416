import { useTranslation } from 'react-i18next'
import { type BoardState, canDraw, type Refusal } from '@/core/boards/session'
import { Button } from '@/ui/Button'
import { Icon, type IconName } from '@/ui/Icon'

type Word = 'loading' | 'saved' | 'unsaved' | 'refused' | 'offline' | 'viewer' | 'commenter' | 'held' | 'lost'

const icons: Readonly<Record<Word, IconName>> = {
  loading: 'refresh',
  saved: 'check',
  unsaved: 'info',
  refused: 'info',
  offline: 'weak',
  viewer: 'eye',
  commenter: 'eye',
  held: 'lock',
  lost: 'lock',
}

function wordOf(state: BoardState): Word {
  if (state.remains) return 'lost'
  if (state.phase === 'loading') return 'loading'
  if (state.phase === 'offline') return 'offline'
  if (state.unsaved) return 'unsaved'
  if (state.refused && !state.refused.isTakenBack) return 'refused'
  if (state.role === 'viewer' || state.role === 'commenter') return state.role
  return canDraw(state) ? 'saved' : 'held'
}

/** How the board stands, in a word beside its name. */
export function BoardStatus({ state }: { state: BoardState }) {
  const { t } = useTranslation('board')
  const word = wordOf(state)
  const needsAttention = ['offline', 'unsaved', 'refused', 'held', 'lost'].includes(word)
  return (
    <span
      className={needsAttention ? 'board-status warn' : 'board-status'}
      role="status"
      title={t(`status.${word}.detail`)}
    >
      <Icon name={icons[word]} size={16} />
      <span>{t(`status.${word}.word`)}</span>
    </span>
  )
}

interface NotesProps {
  state: BoardState
  embedded: boolean
  onDismiss: () => void
  onDiscard: () => void
  /** Opens the board anew, if it may be had again. */
  onAgain: () => void
}

/** What the person has to know, in rows of their own above the canvas. */
export function BoardNotes({ state, embedded, onDismiss, onDiscard, onAgain }: NotesProps) {
  const { t } = useTranslation('board')
  const word = wordOf(state)
  const { refused } = state
  const tells = word === 'offline' || word === 'unsaved' || word === 'held' ? word : null
  return (
    <div className="board-notes">
      {tells && state.phase !== 'loading' && (
        <p className="board-note" role="status">
          <Icon name={icons[tells]} size={16} />
          <span>{t(`status.${tells}.detail`)}</span>
        </p>
      )}
      {embedded && (word === 'viewer' || word === 'commenter') && (
        <p className="board-note plain" role="status">
          <Icon name="eye" size={16} />
          <span>{t(`status.${word}.detail`)}</span>
        </p>
      )}
      {word === 'lost' && (
        <p className="board-note" role="alert">
          <Icon name={icons.lost} size={16} />
          <span>{state.phase === 'denied' ? t('lost.denied') : t('lost.gone')}</span>
          <Button size="sm" onClick={onAgain}>
            {t('lost.again')}
          </Button>
        </p>
      )}
      {refused && word !== 'lost' && (
        <p className="board-note" role="alert">
          <Icon name="info" size={16} />
          <span>{refusalText(refused, t)}</span>
          {refused.isTakenBack ? (
            <Button size="sm" look="text" onClick={onDismiss}>
              {t('refused.understood')}
            </Button>
          ) : (
            <Button size="sm" onClick={onDiscard}>
              {t('refused.discard')}
            </Button>
          )}
        </p>
      )}
    </div>
  )
}

type Translate = ReturnType<typeof useTranslation<'board'>>['t']

function refusalText({ code, max }: Refusal, t: Translate): string {
  switch (code) {
    case 'tooManyElements':
      return t('refused.tooManyElements', { max: max ?? 5000 })
    case 'elementTooLarge':
      return t('refused.elementTooLarge')
    case 'readOnly':
      return t('refused.readOnly')
    case 'boardFull':
      return t('refused.boardFull')
    case 'updateTooLarge':
      return t('refused.updateTooLarge')
    case 'notSaved':
      return t('refused.notSaved')
    default:
      return t('refused.other')
  }
}
