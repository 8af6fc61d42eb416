import { useTranslation } from 'react-i18next'
import { Dialog } from '@/ui/stage/Dialog'
import { shortcutKeys } from '../shortcuts'
import styles from './Dialogs.module.css'

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('stage')
  return (
    <Dialog title={t('more.shortcuts')} onClose={onClose}>
      <dl className={styles.keys}>
        {shortcutKeys.map(({ shortcut, key }) => (
          <div key={shortcut}>
            <dt>{t(`key.${shortcut}`)}</dt>
            <dd>
              <kbd>{key === 'Space' ? t('key.space') : key}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
