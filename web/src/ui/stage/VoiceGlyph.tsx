import styles from './VoiceGlyph.module.css'

const shape = [0.42, 1, 0.64]

/** Three bars that follow a voice; they go with the speaking ring, so that colour is not alone. */
export function VoiceGlyph({ level, label }: { level: number; label: string }) {
  const height = 0.45 + 0.55 * Math.min(1, Math.max(0, level))
  return (
    <span className={styles.voice} role="img" aria-label={label}>
      {shape.map((share) => (
        <i key={share} style={{ height: `${Math.max(4, Math.round(16 * share * height))}px` }} />
      ))}
    </span>
  )
}
