import type { ComponentProps } from 'react'
import { cx } from './cx'
import styles from './IconButton.module.css'
import { Tooltip } from './Tooltip'

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'aria-label'> {
  label: string
  tip?: { side?: 'top' | 'bottom'; align?: 'center' | 'start' | 'end'; shortcut?: string } | null
}

/** A quiet button that is only an icon; its name is its tooltip where one is asked for. */
export function IconButton({ label, tip = null, className, children, ...rest }: IconButtonProps) {
  const button = (
    <button type="button" {...rest} aria-label={label} className={cx(styles.button, className)}>
      {children}
    </button>
  )
  if (!tip) return button
  return (
    <Tooltip text={label} shortcut={tip.shortcut} side={tip.side} align={tip.align}>
      {button}
    </Tooltip>
  )
}
