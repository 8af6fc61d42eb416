import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/Button'
import styles from './PreJoin.module.css'

/** In the lobby: the preview stays, and one is told what happens next. */
export function WaitingRoom({ onCancel }: { onCancel: () => void }) {
  const { t } = useTranslation('prejoin')
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <div className={styles.waiting}>
      <div className={styles.waitNote} role="status">
        <span className="spin lg" aria-hidden="true" />
        <div>
          <h2 ref={heading} tabIndex={-1}>
            {t('waiting.title')}
          </h2>
          <p>{t('waiting.detail')}</p>
        </div>
      </div>
      <Button look="line" size="lg" block onClick={onCancel}>
        {t('waiting.leave')}
      </Button>
    </div>
  )
}
