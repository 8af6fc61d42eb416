import type { ComponentProps, Ref } from 'react'
import { Icon, type IconName } from '@/ui/Icon'
import styles from './ControlButton.module.css'
import { cx } from './cx'
import { Tooltip } from './Tooltip'

export interface ControlButtonProps extends Omit<ComponentProps<'button'>, 'children' | 'className'> {
  icon: IconName
  /** Accessible name, without the shortcut. */
  label: string
  shortcut?: string
  /** on: its panel or mode is open; off: a source is muted. */
  tone?: 'on' | 'off'
  badge?: { text: string; urgent?: boolean } | null
  /** Part of a pair of a button and its menu. */
  part?: 'main' | 'caret'
  round?: boolean
  tipSide?: 'top' | 'bottom'
  tipAlign?: 'center' | 'start' | 'end'
  ref?: Ref<HTMLButtonElement>
}

/** A button of the meeting bar: icon, tooltip with its shortcut, badge. */
export function ControlButton(props: ControlButtonProps) {
  const { icon, label, shortcut, tone, badge, part, round, tipSide, tipAlign, onClick, ...rest } = props
  return (
    <Tooltip text={label} shortcut={shortcut} side={tipSide} align={tipAlign}>
      <button
        type="button"
        aria-label={shortcut ? `${label} (${shortcut})` : label}
        aria-keyshortcuts={shortcut?.length === 1 ? shortcut : undefined}
        {...rest}
        onClick={(event) => {
          // A click with a pointer leaves Space for talking; from the keyboard the focus stays.
          if (event.detail > 0 && !rest['aria-haspopup']) event.currentTarget.blur()
          onClick?.(event)
        }}
        className={cx(
          styles.control,
          tone === 'on' && styles.on,
          tone === 'off' && styles.off,
          part === 'main' && styles.main,
          part === 'caret' && styles.caret,
          round && styles.round,
        )}
      >
        <Icon name={icon} size={part === 'caret' ? 16 : 20} />
        {badge && (
          <span className={cx(styles.badge, badge.urgent && styles.urgent)} aria-hidden="true">
            {badge.text}
          </span>
        )}
      </button>
    </Tooltip>
  )
}
