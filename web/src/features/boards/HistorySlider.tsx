import { useTranslation } from 'react-i18next'
import type { BoardChange } from '@/core/api/types'
import { IconButton } from '@/ui/Button'
import { dayAndClock } from '@/ui/format'
import { useNow } from '@/ui/Time'
import { changeAt, placeOf } from './historyTimes'
import { useAuthorWords } from './useAuthorWords'

interface HistorySliderProps {
  /** The newest first. */
  changes: readonly BoardChange[]
  seq: number
  onSeq: (seq: number) => void
  /** Asks for older changes, where there are more than are known. */
  onStart: (() => void) | undefined
}

/** Moves through the life of a board, the oldest on the left. */
export function HistorySlider({ changes, seq, onSeq, onStart }: HistorySliderProps) {
  const { t, i18n } = useTranslation('boards')
  const words = useAuthorWords()
  const now = useNow(60_000)
  const place = placeOf(changes, seq)
  const change = changeAt(changes, place)
  const last = changes.length - 1
  const go = (to: number) => {
    const next = changeAt(changes, to)
    if (next) onSeq(next.seq)
    if (to <= 0) onStart?.()
  }
  const when = change ? dayAndClock(new Date(change.at), now, i18n.language) : ''
  const who = change ? words(change) : ''
  return (
    <div className="bh-slider">
      <IconButton
        icon="left"
        label={t('history.earlier')}
        disabled={place <= 0 && !onStart}
        onClick={() => go(place - 1)}
      />
      <div className="grow">
        <p className="ellipsis">
          <b className="num">{when}</b> {who}
        </p>
        <input
          type="range"
          min={0}
          max={Math.max(last, 0)}
          step={1}
          value={place}
          disabled={last < 1}
          aria-label={t('history.slider')}
          aria-valuetext={`${when}, ${who}`}
          onChange={(event) => go(event.target.valueAsNumber)}
        />
      </div>
      <IconButton
        icon="right"
        label={t('history.later')}
        disabled={place >= last}
        onClick={() => go(place + 1)}
      />
    </div>
  )
}
