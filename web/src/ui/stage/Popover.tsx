import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from 'react'
import { createPortal } from 'react-dom'
import { cx } from './cx'
import styles from './Popover.module.css'
import { place } from './place'

interface PopoverProps {
  anchor: RefObject<HTMLElement | null>
  onClose: () => void
  side?: 'top' | 'bottom'
  align?: 'center' | 'start' | 'end'
  theme?: 'dark' | 'light' | 'inherit'
  role?: 'menu' | 'dialog' | 'listbox'
  label: string
  id?: string
  className?: string
  children: ReactNode
}

/**
 * What floats beside a button: it stays inside the window, above everything (full screen included), and goes on Escape, a
 * click elsewhere or when the focus leaves it. On a phone it is a sheet at the bottom.
 */
export function Popover(props: PopoverProps) {
  const {
    anchor,
    onClose,
    side = 'top',
    align = 'center',
    theme = 'dark',
    role = 'dialog',
    label,
    className,
  } = props
  const box = useRef<HTMLDivElement>(null)
  const close = useRef(onClose)
  useEffect(() => {
    close.current = onClose
  })

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    element.showPopover?.()
    const move = () => {
      const at = anchor.current?.getBoundingClientRect()
      if (!at) return
      const spot = place(at, element.getBoundingClientRect(), windowSize(), side, align)
      element.style.setProperty('--left', `${spot.left}px`)
      element.style.setProperty('--top', `${spot.top}px`)
    }
    move()
    const observer = new ResizeObserver(move)
    observer.observe(element)
    window.addEventListener('resize', move)
    return () => {
      observer.disconnect()
      window.removeEventListener('resize', move)
    }
  }, [anchor, side, align])

  useEffect(() => {
    const outside = (event: PointerEvent) => {
      const target = event.target
      if (!(target instanceof Node)) return
      if (box.current?.contains(target) || anchor.current?.contains(target)) return
      close.current()
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.isComposing) return
      event.stopPropagation()
      close.current()
      anchor.current?.focus()
    }
    document.addEventListener('pointerdown', outside, true)
    document.addEventListener('keydown', onKey, true)
    return () => {
      document.removeEventListener('pointerdown', outside, true)
      document.removeEventListener('keydown', onKey, true)
    }
  }, [anchor])

  return createPortal(
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the role is always one that has a name
    <div
      ref={box}
      popover="manual"
      id={props.id}
      role={role}
      aria-label={label}
      data-theme={theme === 'inherit' ? undefined : theme}
      className={cx(styles.popover, className)}
    >
      {props.children}
    </div>,
    anchor.current?.closest('main, dialog') ?? document.body,
  )
}

function windowSize() {
  return { width: document.documentElement.clientWidth, height: window.innerHeight }
}
