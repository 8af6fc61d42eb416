import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ParticipantView } from '@/core/meeting/state'
import { bestFit } from '../layout/bestFit'
import { PersonTile } from '../PersonTile'
import { useSize } from '../useSize'
import styles from './SpeakerView.module.css'
import { Strip } from './Strip'

interface SpeakerViewProps {
  mainId: string
  phone: boolean
  pinnedId: string | null
  onPin: (participantId: string | null) => void
  onOthers: () => void
  actions: (participant: ParticipantView) => ReactNode
}

/** One person large, the others in a row below. */
export function SpeakerView({ mainId, phone, pinnedId, onPin, onOthers, actions }: SpeakerViewProps) {
  const { t } = useTranslation('stage')
  const [box, size] = useSize()
  const fit = bestFit(1, size.width, size.height)
  return (
    <section className={styles.view} aria-label={t('speakerView.label')}>
      <div ref={box} className={styles.main}>
        <PersonTile
          key={mainId}
          participantId={mainId}
          pinnedId={pinnedId}
          onPin={onPin}
          actions={actions}
          size="large"
          style={
            phone
              ? { width: size.width, height: size.height }
              : { width: fit.tileWidth, height: fit.tileHeight }
          }
        />
      </div>
      <Strip
        exceptId={mainId}
        phone={phone}
        pinnedId={pinnedId}
        onPin={onPin}
        onOthers={onOthers}
        actions={actions}
      />
    </section>
  )
}
