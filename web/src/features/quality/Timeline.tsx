import { useTranslation } from 'react-i18next'
import type { QualityPerson } from '@/core/api/types'
import { barOf, type Frame } from './report'
import { useSpanWords } from './useSpanWords'

/** One person over the meeting's length. It is drawn only: the same stands below it in words. */
export function Timeline({ person, frame }: { person: QualityPerson; frame: Frame }) {
  const { t } = useTranslation('quality')
  const { when, what } = useSpanWords()
  return (
    <div className="ql-line" aria-hidden="true">
      {person.stays.map((stay) => (
        <i
          key={stay.participantId}
          className="there"
          style={style(barOf(frame, stay.joinedAt, stay.leftAt))}
        />
      ))}
      {person.spans.map((span) => (
        <i
          key={`${span.participantId} ${span.from}`}
          className={span.level}
          title={`${when(span)} · ${t(`side.${span.side}`)} · ${what(span)}`}
          style={style(barOf(frame, span.from, span.to, 0.8))}
        />
      ))}
    </div>
  )
}

function style({ left, width }: { left: number; width: number }) {
  return { left: `${left}%`, width: `${width}%` }
}
