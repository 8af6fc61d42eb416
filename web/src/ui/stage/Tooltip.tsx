import { type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { cx } from './cx'
import styles from './Tooltip.module.css'

interface TooltipProps {
  text: string
  shortcut?: string
  side?: 'top' | 'bottom'
  align?: 'center' | 'start' | 'end'
  children: ReactNode
}

const delayMs = 350

/**
 * A short name for what is under the pointer or has the focus, with its shortcut. It repeats the accessible name of the
 * control, so it is hidden from assistive technology. Escape puts it away; touch does not bring it.
 */
export function Tooltip({ text, shortcut, side = 'top', align = 'center', children }: TooltipProps) {
  const [open, setOpen] = useState(false)
  const timer = useRef(0)
  const hide = () => {
    window.clearTimeout(timer.current)
    setOpen(false)
  }
  const enter = (event: PointerEvent) => {
    if (event.pointerType !== 'mouse') return
    window.clearTimeout(timer.current)
    timer.current = window.setTimeout(() => setOpen(true), delayMs)
  }
  useEffect(() => () => window.clearTimeout(timer.current), [])
  useEffect(() => {
    if (!open) return
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setOpen(false)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [open])
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches the control inside
    <span
      className={styles.wrap}
      onPointerEnter={enter}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocus={(event) => setOpen(event.target.matches(':focus-visible'))}
      onBlur={hide}
    >
      {children}
      {open && (
        <span className={cx(styles.tip, styles[side], styles[align])} aria-hidden="true">
          {text}
          {shortcut && <kbd>{shortcut}</kbd>}
        </span>
      )}
    </span>
  )
}
