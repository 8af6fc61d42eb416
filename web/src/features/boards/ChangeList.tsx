import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { BoardChange } from '@/core/api/types'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { clock, exactTime } from '@/ui/format'
import { useNow } from '@/ui/Time'
import { changesByDay } from './historyTimes'
import { useAuthorWords } from './useAuthorWords'

interface ChangeListProps {
  /** The newest first. */
  changes: readonly BoardChange[]
  seq: number
  onSeq: (seq: number) => void
  onOlder: (() => void) | undefined
  busy: boolean
}

const faces = 3

/** Who changed the board and when, day by day. */
export function ChangeList({ changes, seq, onSeq, onOlder, busy }: ChangeListProps) {
  const { t, i18n } = useTranslation(['boards', 'common'])
  const words = useAuthorWords()
  const now = useNow(60_000)
  const list = useRef<HTMLElement>(null)
  useEffect(() => {
    list.current?.querySelector(`[data-seq="${seq}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [seq])
  return (
    <nav className="bh-list" aria-label={t('history.changes')} ref={list}>
      {changesByDay(changes, now, i18n.language).map((day) => (
        <section key={day.name} aria-label={day.name}>
          <h2>{day.name}</h2>
          <ul>
            {day.changes.map((change) => (
              <li key={change.seq}>
                <button
                  type="button"
                  data-seq={change.seq}
                  aria-current={change.seq === seq || undefined}
                  onClick={() => onSeq(change.seq)}
                >
                  <span className="when num" title={exactTime(new Date(change.at), i18n.language)}>
                    {clock(new Date(change.at), i18n.language)}
                  </span>
                  <span className="who">
                    {words(change)}
                    {change.seq === changes[0]?.seq && <small>{t('history.isNow')}</small>}
                  </span>
                  <span className="stack">
                    {change.authors.slice(0, faces).map((author) => (
                      <Avatar
                        key={author.key}
                        name={author.name}
                        id={author.key.replace(/^user:/, '')}
                        url={author.avatarUrl}
                        size={24}
                      />
                    ))}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {onOlder && (
        <Button look="text" block busy={busy} onClick={onOlder}>
          {t('history.older')}
        </Button>
      )}
    </nav>
  )
}
