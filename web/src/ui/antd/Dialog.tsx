import { Modal } from 'antd'
import type { FormEventHandler, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../Button'
import { Failure } from '../Failure'
import { AntdScope, layers } from './AntdScope'
import './dialog.css'

interface DialogProps {
  title: string
  width?: number
  onClose: () => void
  footer?: ReactNode
  children: ReactNode
}

/** A window over the page. It is mounted to open it and unmounted to close it. */
export function Dialog({ title, width = 480, onClose, footer = null, children }: DialogProps) {
  const { t } = useTranslation()
  return (
    <AntdScope>
      <Modal
        open
        centered
        getContainer={layers}
        title={title}
        width={width}
        onCancel={onClose}
        footer={footer}
        className="dialog"
        closable={{ 'aria-label': t('action.close') }}
      >
        {children}
      </Modal>
    </AntdScope>
  )
}

interface FormDialogProps extends Omit<DialogProps, 'footer'> {
  submit: string
  busy: boolean
  failure?: string | undefined
  /** Something is missing yet. Defaults to false. */
  disabled?: boolean
  onSubmit: FormEventHandler<HTMLFormElement>
}

/** A dialog that holds a form: the main act and a way out. */
export function FormDialog({
  submit,
  busy,
  failure,
  disabled = false,
  onSubmit,
  children,
  ...dialog
}: FormDialogProps) {
  const { t } = useTranslation()
  return (
    <Dialog {...dialog}>
      <form className="form" onSubmit={onSubmit} noValidate>
        {children}
        <Failure text={failure} />
        <div className="dialog-foot">
          <Button onClick={dialog.onClose}>{t('action.cancel')}</Button>
          <Button look="primary" type="submit" busy={busy} disabled={disabled}>
            {submit}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

interface ConfirmProps extends Omit<DialogProps, 'footer' | 'width'> {
  /** The act in words, such as "Cancel the meeting". */
  act: string
  busy?: boolean
  onConfirm: () => void
}

/** Asks once before what cannot be undone. */
export function ConfirmDialog({ act, busy = false, onConfirm, children, ...dialog }: ConfirmProps) {
  const { t } = useTranslation()
  return (
    <Dialog
      {...dialog}
      width={420}
      footer={
        <div className="dialog-foot">
          <Button onClick={dialog.onClose}>{t('action.back')}</Button>
          <Button look="danger" busy={busy} onClick={onConfirm}>
            {act}
          </Button>
        </div>
      }
    >
      <p className="dialog-say">{children}</p>
    </Dialog>
  )
}
