import { cx } from './cx'
import styles from './LevelMeter.module.css'

/** How loud the microphone is, in steps. */
export function LevelMeter({
  level,
  label,
  steps = 12,
  tall,
}: {
  level: number
  label: string
  steps?: number
  tall?: boolean
}) {
  const lit = Math.round(Math.min(1, Math.max(0, level)) * steps)
  return (
    // biome-ignore lint/a11y/useSemanticElements: steps are drawn, which a native meter cannot
    <span
      className={cx(styles.meter, tall && styles.tall)}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((lit / steps) * 100)}
    >
      {Array.from({ length: steps }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
        <i key={index} className={index < lit ? styles.on : undefined} />
      ))}
    </span>
  )
}
