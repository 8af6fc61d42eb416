import { type ReactNode, type RefObject, useEffect, useId, useRef } from 'react'
import { createPortal } from 'react-dom'
import { useTranslation } from 'react-i18next'
import { Icon } from '@/ui/Icon'
import { cx } from './cx'
import styles from './Dialog.module.css'
import { IconButton } from './IconButton'

interface DialogProps {
  title: string
  onClose: () => void
  children: ReactNode
  footer?: ReactNode
  wide?: boolean
  theme?: 'dark' | 'light' | 'inherit'
  /** What has the focus first; else the first control. */
  focus?: RefObject<HTMLElement | null>
}

/** A dialog above all: the browser keeps the focus inside and gives it back, Escape and a click outside close it. */
export function Dialog({ title, onClose, children, footer, wide, theme = 'dark', focus }: DialogProps) {
  const { t } = useTranslation('stage')
  const box = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const before = document.activeElement
    box.current?.showModal()
    focus?.current?.focus()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [focus])
  return createPortal(
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same through onCancel
    <dialog
      ref={box}
      aria-labelledby={heading}
      data-theme={theme === 'inherit' ? undefined : theme}
      className={cx(styles.dialog, wide && styles.wide)}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === box.current) onClose()
      }}
    >
      <div className={styles.box}>
        <header className={styles.head}>
          <h2 id={heading}>{title}</h2>
          <IconButton label={t('close')} onClick={onClose}>
            <Icon name="x" size={20} />
          </IconButton>
        </header>
        <div className={styles.body}>{children}</div>
        {footer && <footer className={styles.foot}>{footer}</footer>}
      </div>
    </dialog>,
    document.fullscreenElement ?? document.body,
  )
}

interface ConfirmProps {
  title: string
  text: string
  action: string
  cancel: string
  onConfirm: () => void
  onClose: () => void
  theme?: 'dark' | 'light' | 'inherit'
}

/** Asks once before something that cannot be undone. */
export function Confirm({ title, text, action, cancel, onConfirm, onClose, theme }: ConfirmProps) {
  const safe = useRef<HTMLButtonElement>(null)
  return (
    <Dialog
      title={title}
      onClose={onClose}
      theme={theme}
      focus={safe}
      footer={
        <>
          <button type="button" ref={safe} className={styles.cancel} onClick={onClose}>
            {cancel}
          </button>
          <button
            type="button"
            className={styles.danger}
            onClick={() => {
              onClose()
              onConfirm()
            }}
          >
            {action}
          </button>
        </>
      }
    >
      <p>{text}</p>
    </Dialog>
  )
}
