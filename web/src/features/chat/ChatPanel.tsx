import { useTranslation } from 'react-i18next'
import { Panel } from '@/ui/stage/Panel'
import { usePhone } from '@/ui/stage/useMedia'
import { ChatView, type ChatViewProps } from './ChatView'

/** The chat beside the stage. */
export function ChatPanel({ onClose, ...view }: ChatViewProps & { onClose: () => void }) {
  const { t } = useTranslation('chat')
  const phone = usePhone()
  return (
    <Panel title={t('title')} onClose={onClose}>
      <ChatView {...view} focusField={!phone} />
    </Panel>
  )
}
