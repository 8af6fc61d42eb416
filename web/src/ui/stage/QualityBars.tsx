import type { QualityLevel } from '@/core/meeting/wire'
import { cx } from './cx'
import styles from './QualityBars.module.css'

const barsOf: Record<QualityLevel, number> = { good: 3, weak: 2, bad: 1 }

/** Three bars like those of a phone: all lit when good, one when bad. What stands beside them says it in words. */
export function QualityBars({ level }: { level: QualityLevel }) {
  const lit = barsOf[level]
  return (
    <svg
      className={cx(styles.bars, level !== 'good' && styles[level])}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      {[0, 1, 2].map((bar) => (
        <rect
          key={bar}
          className={bar < lit ? styles.lit : styles.out}
          x={1 + 5 * bar}
          y={10 - 4 * bar}
          width={4}
          height={5 + 4 * bar}
          rx={1}
        />
      ))}
    </svg>
  )
}
