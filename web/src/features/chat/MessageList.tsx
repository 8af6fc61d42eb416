import { useTranslation } from 'react-i18next'
import type { PendingMessage } from '@/core/chat/state'
import { errorText } from '@/ui/errorText'
import { dayName } from '@/ui/format'
import { Icon } from '@/ui/Icon'
import { cx } from '@/ui/stage/cx'
import { useStore } from '@/ui/useStore'
import styles from './Chat.module.css'
import type { ChatHandle, ChatPerson, ChatReader } from './chatHandle'
import { type MessageActs, MessageItem } from './MessageItem'
import { rowsOf } from './rows'
import { useChatScroll } from './useChatScroll'

interface MessageListProps {
  chat: ChatHandle
  me: ChatReader
  people: ReadonlyArray<ChatPerson>
  acts: MessageActs
  canWrite: boolean
  /** Ids of recalled messages whose text is still known here. */
  editable: ReadonlySet<string>
}

/** The messages from above to below; older ones come when one scrolls up. */
export function MessageList({ chat, me, people, acts, editable, canWrite }: MessageListProps) {
  const { t, i18n } = useTranslation('chat')
  const snapshot = useStore(chat)
  const scroll = useChatScroll(chat)
  const rows = rowsOf(snapshot.messages, scroll.unreadLine)
  const now = new Date()
  return (
    <div className={styles.scroller}>
      <div
        ref={scroll.box}
        className={styles.scroll}
        onScroll={scroll.onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a place that scrolls must be reached by keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t('messages')}
      >
        {snapshot.loadingOlder && (
          <p className={styles.loading} role="status">
            <span className="spin" aria-hidden="true" />
            <span className="sr">{t('loadingOlder')}</span>
          </p>
        )}
        <ol className={styles.list}>
          {rows.map((row) =>
            row.kind === 'message' ? (
              <MessageItem
                key={row.key}
                message={row.message}
                first={row.first}
                me={me}
                people={people}
                canWrite={canWrite}
                editable={editable.has(row.message.id)}
                acts={acts}
              />
            ) : (
              <li key={row.key} className={cx(styles.day, row.kind === 'unread' && styles.unread)}>
                <span>{row.kind === 'day' ? dayName(row.at, now, i18n.language) : t('newMessages')}</span>
              </li>
            ),
          )}
          {snapshot.pending.map((pending) => (
            <Pending key={pending.clientId} pending={pending} chat={chat} />
          ))}
        </ol>
        {snapshot.messages.length === 0 && snapshot.pending.length === 0 && (
          <div className={styles.empty}>
            <Icon name="chat" size={24} />
            <p>{t('empty')}</p>
          </div>
        )}
      </div>
      {!scroll.atEnd && (
        <button type="button" className={styles.jump} onClick={scroll.toEnd}>
          <Icon name="down" size={16} />
          {scroll.news > 0 ? t('news', { count: scroll.news }) : t('newest')}
        </button>
      )}
    </div>
  )
}

function Pending({ pending, chat }: { pending: PendingMessage; chat: ChatHandle }) {
  const { t } = useTranslation('chat')
  return (
    <li className={styles.pending}>
      <p>{pending.text}</p>
      {pending.status === 'failed' ? (
        <small className={styles.failed} role="alert">
          <Icon name="info" size={14} />
          <span>{errorText({ code: pending.code ?? 'internal' })}</span>
          <button type="button" onClick={() => chat.retry(pending.clientId)}>
            {t('retry')}
          </button>
          <button type="button" onClick={() => chat.discard(pending.clientId)}>
            {t('discard')}
          </button>
        </small>
      ) : (
        <small>{pending.status === 'queued' ? t('queued') : t('sending')}</small>
      )}
    </li>
  )
}
