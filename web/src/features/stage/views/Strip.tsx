import { type ReactNode, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ParticipantView } from '@/core/meeting/state'
import { useStore } from '@/ui/useStore'
import { stripFit } from '../layout/bestFit'
import { stripOrder, withTile } from '../layout/order'
import { PersonTile } from '../PersonTile'
import { useStage } from '../stageCall'
import { useLastSpoke } from '../useLastSpoke'
import { useSize } from '../useSize'
import styles from './Strip.module.css'

interface StripProps {
  /** Who is shown large already. */
  exceptId?: string
  phone: boolean
  pinnedId: string | null
  onPin: (participantId: string | null) => void
  onOthers: () => void
  actions: (participant: ParticipantView) => ReactNode
}

/** One row of people under what is shown large; whoever spoke last comes first, the rest is a number. */
export function Strip({ exceptId, phone, pinnedId, onPin, onOthers, actions }: StripProps) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const participants = useStore(call, (snapshot) => snapshot.participants)
  const { lastSpoke } = useLastSpoke()
  const [box, size] = useSize()
  const people = useMemo(
    () => withTile(participants).filter((one) => one.id !== exceptId),
    [participants, exceptId],
  )
  const fit = stripFit(people.length, size.width, 8, phone ? 116 : 196)
  const shown = useMemo(
    () => stripOrder(people, lastSpoke, pinnedId, fit.shown).slice(0, fit.shown),
    [people, lastSpoke, pinnedId, fit.shown],
  )
  const others = people.length - shown.length
  if (people.length === 0) return null
  return (
    <section ref={box} className={styles.strip} aria-label={t('strip.label')}>
      {shown.map((id) => (
        <PersonTile
          key={id}
          participantId={id}
          pinnedId={pinnedId}
          onPin={onPin}
          actions={actions}
          size="small"
          style={{ width: fit.tileWidth, height: '100%' }}
        />
      ))}
      {others > 0 && (
        <button type="button" className={styles.others} style={{ width: fit.tileWidth }} onClick={onOthers}>
          {t('strip.others', { count: others })}
        </button>
      )}
    </section>
  )
}
