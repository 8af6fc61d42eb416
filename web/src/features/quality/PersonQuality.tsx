import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { QualityPerson, QualitySpan } from '@/core/api/types'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { Icon, type IconName } from '@/ui/Icon'
import { type Frame, type Side, troubleMs } from './report'
import { Timeline } from './Timeline'
import { useSpanWords } from './useSpanWords'

/** How many lines of one person stand there at once. */
const shownFirst = 4

const iconOf: Record<Side, IconName> = {
  uplink: 'up',
  downlink: 'down',
  link: 'signal',
  device: 'work',
  server: 'building',
}

interface PersonQualityProps {
  person: QualityPerson
  frame: Frame
  /** Where a file about one stay can be had. */
  fileOf: (participantId: string) => string
}

/** One person: a timeline, and below it what happened in words. */
export function PersonQuality({ person, frame, fileOf }: PersonQualityProps) {
  const { t } = useTranslation('quality')
  const { length } = useSpanWords()
  const [all, setAll] = useState(false)
  const list = useId()
  const { spans } = person
  const shown = all ? spans : spans.slice(0, shownFirst)
  return (
    <li className="ql-person" data-person={person.name}>
      <div className="ql-who">
        <Avatar name={person.name} id={person.userId ?? person.key} url={person.avatarUrl} size={32} />
        <span className="grow">
          <b className="ellipsis">{person.name}</b>
          <small>{state()}</small>
        </span>
        {person.guest && <span className="tag">{t('guest')}</span>}
        {person.program && <span className="tag">{t('program')}</span>}
        {person.stays.map((stay, at) => (
          <a
            key={stay.participantId}
            className="ib"
            href={fileOf(stay.participantId)}
            download
            title={t('tracks')}
            aria-label={t('tracksOf', { name: person.name, number: at + 1 })}
          >
            <Icon name="download" size={16} />
          </a>
        ))}
      </div>
      <Timeline person={person} frame={frame} />
      {spans.length > 0 && (
        <ul className="ql-spans" id={list}>
          {shown.map((span) => (
            <SpanLine key={`${span.participantId} ${span.from}`} span={span} />
          ))}
        </ul>
      )}
      {spans.length > shownFirst && (
        <Button look="text" aria-expanded={all} aria-controls={list} onClick={() => setAll(!all)}>
          {all ? t('less') : t('all', { count: spans.length })}
        </Button>
      )}
    </li>
  )

  function state(): string {
    if (person.seconds === 0) return t('notMeasured')
    if (spans.length === 0) return t('fine')
    return t('trouble', { time: length(troubleMs(person)) })
  }
}

function SpanLine({ span }: { span: QualitySpan }) {
  const { t } = useTranslation('quality')
  const { when, what } = useSpanWords()
  return (
    <li>
      <time className="num" dateTime={span.from}>
        {when(span)}
      </time>
      <span className={span.level === 'bad' ? 'tag bad' : 'tag warn'}>
        <Icon name={iconOf[span.side]} size={14} />
        {t(`side.${span.side}`)}
      </span>
      <span className="what">{what(span)}</span>
    </li>
  )
}
