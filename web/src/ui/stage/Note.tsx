import type { ReactNode } from 'react'
import { Icon, type IconName } from '@/ui/Icon'
import { cx } from './cx'
import styles from './Note.module.css'

interface NoteProps {
  icon: IconName
  /** warn: needs attention; light: an everyday message with something to do; plain: quiet. */
  tone: 'warn' | 'light' | 'plain'
  title: string
  detail?: string
  /** Said at once rather than in turn. */
  urgent?: boolean
  children?: ReactNode
}

/** A message to oneself in a row of its own, with what can be done about it. */
export function Note({ icon, tone, title, detail, urgent, children }: NoteProps) {
  return (
    <div className={cx(styles.note, styles[tone])} role={urgent ? 'alert' : 'status'}>
      <Icon name={icon} size={20} />
      <span className={styles.text}>
        {title}
        {detail && <small>{detail}</small>}
      </span>
      {children}
    </div>
  )
}

interface NoteButtonProps {
  onClick: () => void
  strong?: boolean
  label?: string
  children: ReactNode
}

export function NoteButton({ onClick, strong, label, children }: NoteButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      className={cx(styles.action, strong && styles.strong)}
      onClick={onClick}
    >
      {children}
    </button>
  )
}
