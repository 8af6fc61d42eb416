import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { Icon, type IconName } from './Icon'

export type MenuEntry =
  | { kind: 'item'; key: string; label: string; icon?: IconName; bad?: boolean; onSelect: () => void }
  | { kind: 'choice'; key: string; label: string; chosen: boolean; lang?: string; onSelect: () => void }
  | { kind: 'label'; key: string; label: string }
  | { kind: 'line'; key: string }

interface MenuProps {
  /** Draws the button that opens the menu; spread the properties on it. */
  button: (props: MenuButtonProps) => ReactNode
  label: string
  entries: MenuEntry[]
  head?: ReactNode
  /** Side of the button that the list keeps to. */
  align?: 'start' | 'end' | 'right'
}

interface MenuButtonProps {
  'aria-haspopup': 'menu'
  'aria-expanded': boolean
  'aria-controls': string | undefined
  onClick: () => void
}

/** A button with a list of acts or choices, operated as the WAI-ARIA menu button pattern says. */
export function Menu({ button, label, entries, head, align = 'start' }: MenuProps) {
  const id = useId()
  const [open, setOpen] = useState(false)
  const anchor = useRef<HTMLSpanElement>(null)
  const list = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    if (open && anchor.current && list.current) place(anchor.current, list.current, align)
  }, [open, align])

  useEffect(() => {
    if (!open) return
    items(list.current)[0]?.focus()
    const outside = (event: Event) => {
      if (event.target instanceof Node && !anchor.current?.contains(event.target)) setOpen(false)
    }
    const close = () => setOpen(false)
    document.addEventListener('pointerdown', outside)
    window.addEventListener('resize', close)
    return () => {
      document.removeEventListener('pointerdown', outside)
      window.removeEventListener('resize', close)
    }
  }, [open])

  const close = () => {
    setOpen(false)
    anchor.current?.querySelector<HTMLElement>('[aria-haspopup]')?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') close()
    else if (event.key === 'Tab') setOpen(false)
    else if (!move(list.current, event.key)) return
    if (event.key !== 'Tab') event.preventDefault()
    event.stopPropagation()
  }
  return (
    <span className="menu" ref={anchor}>
      {button({
        'aria-haspopup': 'menu',
        'aria-expanded': open,
        'aria-controls': open ? id : undefined,
        onClick: () => setOpen(!open),
      })}
      {open && (
        <div
          className="menu-list"
          id={id}
          role="menu"
          aria-label={label}
          tabIndex={-1}
          ref={list}
          onKeyDown={onKeyDown}
        >
          {head}
          {entries.map((entry) => (
            <Entry key={entry.key} entry={entry} close={close} />
          ))}
        </div>
      )}
    </span>
  )
}

function Entry({ entry, close }: { entry: MenuEntry; close: () => void }) {
  switch (entry.kind) {
    case 'line':
      return <hr />
    case 'label':
      return <div className="label">{entry.label}</div>
    case 'item':
      return (
        <button
          type="button"
          role="menuitem"
          tabIndex={-1}
          className={entry.bad ? 'bad' : undefined}
          onClick={() => {
            close()
            entry.onSelect()
          }}
        >
          {entry.icon && <Icon name={entry.icon} />}
          {entry.label}
        </button>
      )
    case 'choice':
      return (
        <button
          type="button"
          role="menuitemradio"
          aria-checked={entry.chosen}
          tabIndex={-1}
          lang={entry.lang}
          onClick={() => {
            close()
            entry.onSelect()
          }}
        >
          {entry.label}
          {entry.chosen && <Icon name="check" size={16} className="tick" />}
        </button>
      )
  }
}

function items(list: HTMLElement | null): HTMLElement[] {
  return list ? [...list.querySelectorAll<HTMLElement>('[role^="menuitem"]')] : []
}

function move(list: HTMLElement | null, key: string): boolean {
  const all = items(list)
  const at = all.indexOf(document.activeElement as HTMLElement)
  const to = {
    ArrowDown: (at + 1) % all.length,
    ArrowUp: (at - 1 + all.length) % all.length,
    Home: 0,
    End: all.length - 1,
  }[key]
  if (to === undefined) return false
  all[to]?.focus()
  return true
}

/** Puts the list beside the button, inside the window. */
function place(anchor: HTMLElement, list: HTMLElement, align: 'start' | 'end' | 'right') {
  const gap = 6
  const edge = 12
  const button = anchor.getBoundingClientRect()
  const { width, height } = list.getBoundingClientRect()
  const left = align === 'right' ? button.right + gap : align === 'end' ? button.right - width : button.left
  const below = align === 'right' ? button.bottom - height : button.bottom + gap
  const top = below + height > window.innerHeight - edge ? button.top - height - gap : below
  list.style.left = `${Math.max(edge, Math.min(left, window.innerWidth - width - edge))}px`
  list.style.top = `${Math.max(edge, Math.min(top, window.innerHeight - height - edge))}px`
}
