import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '@/ui/Icon'
import { IconButton } from './IconButton'
import styles from './Panel.module.css'
import { trapTab } from './trapTab'
import { usePhone } from './useMedia'

interface PanelProps {
  title: string
  count?: number
  onClose: () => void
  children: ReactNode
  footer?: ReactNode
}

/** A panel beside the stage; on a phone a sheet over all of it, which keeps the focus inside. */
export function Panel({ title, count, onClose, children, footer }: PanelProps) {
  const { t } = useTranslation('stage')
  const phone = usePhone()
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = box.current
    const before = document.activeElement
    return () => {
      if (element?.contains(document.activeElement) && before instanceof HTMLElement) before.focus()
    }
  }, [])
  useEffect(() => {
    if (phone) box.current?.querySelector<HTMLElement>('button')?.focus()
  }, [phone])
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles have a name
    // biome-ignore lint/a11y/noStaticElementInteractions: it keeps Tab and Escape of what is inside
    <div
      ref={box}
      aria-label={title}
      className={styles.panel}
      role={phone ? 'dialog' : 'complementary'}
      aria-modal={phone ? true : undefined}
      onKeyDown={(event) => {
        if (phone && box.current) trapTab(event, box.current)
        if (event.key === 'Escape' && !event.nativeEvent.isComposing && !event.defaultPrevented) onClose()
      }}
    >
      <header className={styles.head}>
        <h2>
          {title} {count !== undefined && <span>{count}</span>}
        </h2>
        <IconButton label={t('close')} onClick={onClose}>
          <Icon name="x" size={20} />
        </IconButton>
      </header>
      {children}
      {footer && <footer className={styles.foot}>{footer}</footer>}
    </div>
  )
}
