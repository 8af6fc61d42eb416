import { useTranslation } from 'react-i18next'
import { Dialog } from '@/ui/antd/Dialog'
import { Button } from '@/ui/Button'
import { copyWithToast } from '@/ui/copyWithToast'

interface LinkDialogProps {
  title: string
  detail: string
  url: string
  onClose: () => void
}

/** A one-use link to pass on; it is not shown again. */
export function LinkDialog({ title, detail, url, onClose }: LinkDialogProps) {
  const { t } = useTranslation(['admin', 'common'])
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="form">
        <p className="dialog-say">{detail}</p>
        <div className="secret">
          <code>{url}</code>
        </div>
        <div className="dialog-foot">
          <Button onClick={onClose}>{t('common:action.close')}</Button>
          <Button look="primary" icon="copy" onClick={() => void copyWithToast(url, t('linkCopied'))}>
            {t('copyLink')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
