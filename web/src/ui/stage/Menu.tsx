import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react'
import { Icon, type IconName } from '@/ui/Icon'
import { cx } from './cx'
import styles from './Menu.module.css'
import { Popover } from './Popover'

export type MenuEntry =
  | {
      kind?: 'action'
      key: string
      label: string
      detail?: string
      icon?: IconName
      shortcut?: string
      danger?: boolean
      disabled?: boolean
      onSelect: () => void
    }
  | {
      kind: 'radio' | 'check'
      key: string
      label: string
      detail?: string
      checked: boolean
      disabled?: boolean
      onSelect: () => void
    }
  | { kind: 'heading'; key: string; label: string }
  | { kind: 'line'; key: string }
  | { kind: 'custom'; key: string; content: (close: () => void) => ReactNode }

interface MenuProps {
  anchor: RefObject<HTMLElement | null>
  label: string
  entries: ReadonlyArray<MenuEntry>
  onClose: () => void
  id?: string
  side?: 'top' | 'bottom'
  align?: 'center' | 'start' | 'end'
  theme?: 'dark' | 'light' | 'inherit'
}

/** A list of choices beside a button: arrows, Home and End move, letters jump, Enter chooses, Escape goes back. */
function Menu({ anchor, label, entries, onClose, id, side, align, theme }: MenuProps) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const items = itemsOf(list.current)
    const checked = items.find(
      (item) => item.getAttribute('aria-checked') === 'true' && item.role === 'menuitemradio',
    )
    ;(checked ?? items[0])?.focus()
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Tab') {
      onClose()
      anchor.current?.focus()
      return
    }
    const next = nextItem(itemsOf(list.current), event.key)
    if (!next) return
    event.preventDefault()
    next.focus()
  }
  const choose = (onSelect: () => void, stays: boolean) => {
    if (!stays) {
      onClose()
      anchor.current?.focus()
    }
    onSelect()
  }
  const groups = groupsOf(entries)
  return (
    <Popover
      anchor={anchor}
      onClose={onClose}
      side={side}
      align={align}
      theme={theme}
      role={groups.length > 1 ? 'dialog' : 'menu'}
      label={label}
      id={id}
      className={styles.menu}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the items inside are what is operated */}
      <div ref={list} className={styles.list} onKeyDown={onKeyDown} role="presentation">
        {groups.map((group) =>
          group.kind === 'custom' ? (
            <div key={group.key} className={styles.custom}>
              {group.content(onClose)}
            </div>
          ) : (
            <Rows key={group.key} label={groups.length > 1 ? label : null}>
              {group.entries.map((entry) => (
                <MenuRow key={entry.key} entry={entry} onChoose={choose} />
              ))}
            </Rows>
          ),
        )}
      </div>
    </Popover>
  )
}

/** A menu of its own where it is one of several, else part of the menu around it. */
function Rows({ label, children }: { label: string | null; children: ReactNode }) {
  if (label === null) return children
  return (
    <div className={styles.list} role="menu" aria-label={label}>
      {children}
    </div>
  )
}

type CustomEntry = Extract<MenuEntry, { kind: 'custom' }>
type RowEntry = Exclude<MenuEntry, { kind: 'custom' }>
type Group = CustomEntry | { kind: 'rows'; key: string; entries: RowEntry[] }

/** Rows stand in menus of their own between whatever else there is, for a menu may hold nothing but its items. */
function groupsOf(entries: ReadonlyArray<MenuEntry>): Group[] {
  const groups: Group[] = []
  for (const entry of entries) {
    const last = groups[groups.length - 1]
    if (entry.kind === 'custom') groups.push(entry)
    else if (last?.kind === 'rows') last.entries.push(entry)
    else groups.push({ kind: 'rows', key: `rows:${entry.key}`, entries: [entry] })
  }
  return groups
}

interface MenuRowProps {
  entry: RowEntry
  onChoose: (onSelect: () => void, stays: boolean) => void
}

function MenuRow({ entry, onChoose }: MenuRowProps) {
  switch (entry.kind) {
    case 'heading':
      return (
        <div className={styles.heading} role="presentation">
          {entry.label}
        </div>
      )
    case 'line':
      return <hr className={styles.line} />
    case 'radio':
    case 'check':
      return (
        // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles can be checked
        <button
          type="button"
          role={entry.kind === 'radio' ? 'menuitemradio' : 'menuitemcheckbox'}
          aria-checked={entry.checked}
          tabIndex={-1}
          disabled={entry.disabled}
          className={styles.item}
          onClick={() => onChoose(entry.onSelect, entry.kind === 'check')}
        >
          <span className={styles.mark}>{entry.checked && <Icon name="check" size={16} />}</span>
          <Label label={entry.label} detail={entry.detail} />
        </button>
      )
    default:
      return (
        <button
          type="button"
          role="menuitem"
          tabIndex={-1}
          disabled={entry.disabled}
          className={cx(styles.item, entry.danger && styles.danger)}
          onClick={() => onChoose(entry.onSelect, false)}
        >
          {entry.icon && <Icon name={entry.icon} size={20} />}
          <Label label={entry.label} detail={entry.detail} />
          {entry.shortcut && <kbd className={styles.key}>{entry.shortcut}</kbd>}
        </button>
      )
  }
}

function Label({ label, detail }: { label: string; detail?: string }) {
  return (
    <span className={styles.label}>
      {label}
      {detail && <small>{detail}</small>}
    </span>
  )
}

function itemsOf(list: HTMLElement | null): HTMLButtonElement[] {
  return [...(list?.querySelectorAll<HTMLButtonElement>('[role^="menuitem"]:not(:disabled)') ?? [])]
}

function nextItem(items: HTMLButtonElement[], key: string): HTMLButtonElement | undefined {
  const at = items.indexOf(document.activeElement as HTMLButtonElement)
  switch (key) {
    case 'ArrowDown':
      return items[(at + 1) % items.length]
    case 'ArrowUp':
      return items[(at - 1 + items.length) % items.length]
    case 'Home':
      return items[0]
    case 'End':
      return items[items.length - 1]
    default:
      if (key.length !== 1 || key === ' ') return undefined
      return [...items.slice(at + 1), ...items.slice(0, at + 1)].find((item) =>
        item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()),
      )
  }
}

interface TriggerProps {
  ref: RefObject<HTMLButtonElement | null>
  onClick: () => void
  'aria-haspopup': 'menu' | 'dialog'
  'aria-expanded': boolean
  'aria-controls'?: string
}

interface MenuButtonProps extends Omit<MenuProps, 'anchor' | 'onClose' | 'id' | 'entries'> {
  entries: ReadonlyArray<MenuEntry> | (() => ReadonlyArray<MenuEntry>)
  trigger: (props: TriggerProps) => ReactNode
  onOpen?: () => void
}

/** A button that opens a menu. */
export function MenuButton({ trigger, entries, onOpen, ...menu }: MenuButtonProps) {
  const anchor = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  const id = useId()
  const toggle = () => {
    if (!open) onOpen?.()
    setOpen(!open)
  }
  return (
    <>
      {trigger({
        ref: anchor,
        onClick: toggle,
        'aria-haspopup': 'menu',
        'aria-expanded': open,
        'aria-controls': open ? id : undefined,
      })}
      {open && (
        <Menu
          {...menu}
          id={id}
          anchor={anchor}
          entries={typeof entries === 'function' ? entries() : entries}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}

interface PopoverButtonProps {
  label: string
  side?: 'top' | 'bottom'
  align?: 'center' | 'start' | 'end'
  theme?: 'dark' | 'light' | 'inherit'
  trigger: (props: TriggerProps) => ReactNode
  children: (close: () => void) => ReactNode
}

/** A button that opens a small box with anything in it. */
export function PopoverButton({ label, side, align, theme, trigger, children }: PopoverButtonProps) {
  const anchor = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  const id = useId()
  const close = () => {
    setOpen(false)
    anchor.current?.focus()
  }
  return (
    <>
      {trigger({
        ref: anchor,
        onClick: () => setOpen(!open),
        'aria-haspopup': 'dialog',
        'aria-expanded': open,
        'aria-controls': open ? id : undefined,
      })}
      {open && (
        <Popover
          anchor={anchor}
          onClose={() => setOpen(false)}
          side={side}
          align={align}
          theme={theme}
          label={label}
          id={id}
        >
          {children(close)}
        </Popover>
      )}
    </>
  )
}
