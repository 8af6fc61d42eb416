import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatMessage, ChatReply } from '@/core/chat/state'
import { errorText } from '@/ui/errorText'
import { Icon } from '@/ui/Icon'
import { Note } from '@/ui/stage/Note'
import { toast } from '@/ui/Toast'
import { useStore } from '@/ui/useStore'
import styles from './Chat.module.css'
import { Composer, type ComposerHandle } from './Composer'
import type { ChatHandle, ChatPerson, ChatReader } from './chatHandle'
import { isMine, type MessageActs } from './MessageItem'
import { MessageList } from './MessageList'

export interface ChatViewProps {
  chat: ChatHandle
  /** May recall what others wrote. */
  moderates: boolean
  /** Who can be mentioned. */
  people: ReadonlyArray<ChatPerson>
  /** Said instead of the field; absent while one may write. */
  closedText?: string
  note?: ReactNode
  /** The field has the focus as soon as it is there. */
  focusField?: boolean
}

const excerptLetters = 80

/** A conversation: messages above, the field below. It takes the light or dark of what it stands in. */
export function ChatView({ chat, moderates, people, closedText, note, focusField }: ChatViewProps) {
  const { t } = useTranslation('chat')
  const selfId = useStore(chat, (snapshot) => snapshot.selfId)
  const me = useMemo<ChatReader>(() => ({ selfId, moderates }), [selfId, moderates])
  const state = useStore(chat, (snapshot) => snapshot.state)
  const code = useStore(chat, (snapshot) => snapshot.code)
  const online = useStore(chat, (snapshot) => snapshot.online)
  const waiting = useStore(chat, (snapshot) => snapshot.pending.length)
  const canWrite = useStore(chat, (snapshot) => snapshot.canWrite) && closedText === undefined
  const field = useRef<ComposerHandle>(null)
  const [reply, setReply] = useState<ChatReply | null>(null)
  const { acts, editable } = useActs(chat, me, field, setReply)
  const send = (text: string, mentions: string[]) => {
    chat.send(text, { ...(reply && { replyTo: reply }), ...(mentions.length > 0 && { mentions }) })
    setReply(null)
  }
  return (
    <div className={styles.chat}>
      {note && <p className={styles.note}>{note}</p>}
      {state === 'loading' && <Skeleton />}
      {state === 'error' && (
        <div className={styles.empty} role="alert">
          <Icon name="info" size={24} />
          <p>{errorText({ code: code ?? 'internal' })}</p>
        </div>
      )}
      {state === 'ready' && (
        <MessageList
          chat={chat}
          me={me}
          people={people}
          acts={acts}
          editable={editable}
          canWrite={canWrite}
        />
      )}
      {state === 'ready' && !online && (
        <div className={styles.offline}>
          <Note
            icon="globe"
            tone="warn"
            title={t('offline')}
            detail={waiting > 0 ? t('offlineWaiting', { count: waiting }) : t('offlineDetail')}
          />
        </div>
      )}
      {state === 'ready' && canWrite && (
        <Composer
          focusFirst={focusField}
          ref={field}
          people={people}
          reply={reply}
          onCancelReply={() => setReply(null)}
          onSend={send}
        />
      )}
      {state === 'ready' && !canWrite && <p className={styles.closed}>{closedText ?? t('closed')}</p>}
      <Said chat={chat} me={me} />
    </div>
  )
}

function useActs(
  chat: ChatHandle,
  me: ChatReader,
  field: { current: ComposerHandle | null },
  onReply: (reply: ChatReply) => void,
) {
  const [texts, setTexts] = useState<ReadonlyMap<string, string>>(new Map())
  const known = useRef(texts)
  known.current = texts
  const focusMessage = useCallback((messageId: string) => {
    const element = document.getElementById(`message-${messageId}`)
    element?.scrollIntoView({ block: 'center' })
    element?.focus({ preventScroll: true })
  }, [])
  const acts = useMemo<MessageActs>(
    () => ({
      onReply: (message) => {
        onReply({
          id: message.id,
          authorName: message.author.name,
          excerpt: message.text.slice(0, excerptLetters),
        })
        field.current?.focus()
      },
      onReact: (messageId, emoji, on) => void chat.react(messageId, emoji, on).catch(toast.failed),
      onRecall: (message: ChatMessage) => {
        if (isMine(message.author, me)) setTexts((now) => new Map(now).set(message.id, message.text))
        void chat.recall(message.id).catch(toast.failed)
      },
      onEdit: (messageId) => field.current?.put(known.current.get(messageId) ?? ''),
      onQuote: focusMessage,
    }),
    [chat, me, field, onReply, focusMessage],
  )
  const editable = useMemo(() => new Set(texts.keys()), [texts])
  return { acts, editable }
}

/** Says what others write, politely. */
function Said({ chat, me }: { chat: ChatHandle; me: ChatReader }) {
  const { t } = useTranslation('chat')
  const last = useStore(chat, (snapshot) => snapshot.messages[snapshot.messages.length - 1])
  const heard = useRef(last?.seq ?? 0)
  const [text, setText] = useState('')
  useEffect(() => {
    if (!last || last.seq <= heard.current) return
    const first = heard.current === 0
    heard.current = last.seq
    if (!first && !last.recalled && !isMine(last.author, me))
      setText(t('said', { name: last.author.name, text: last.text }))
  }, [last, me, t])
  return (
    <p className="sr" aria-live="polite">
      {text}
    </p>
  )
}

function Skeleton() {
  const { t } = useTranslation('chat')
  return (
    <div className={styles.skeleton} role="status" aria-label={t('loading')}>
      {[46, 72, 34, 58].map((width) => (
        <div key={width}>
          <i />
          <span>
            <i style={{ width: '38%' }} />
            <i style={{ width: `${width}%` }} />
          </span>
        </div>
      ))}
    </div>
  )
}
