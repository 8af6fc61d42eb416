import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatMessage, ChatReaction } from '@/core/chat/state'
import { Avatar } from '@/ui/Avatar'
import { copyText } from '@/ui/copy'
import { clock, exactTime } from '@/ui/format'
import { Icon } from '@/ui/Icon'
import { cx } from '@/ui/stage/cx'
import { IconButton } from '@/ui/stage/IconButton'
import { MenuButton, type MenuEntry, PopoverButton } from '@/ui/stage/Menu'
import { useMedia } from '@/ui/stage/useMedia'
import { toast } from '@/ui/Toast'
import type { ChatPerson, ChatReader } from './chatHandle'
import { EmojiGrid, quickEmojis } from './EmojiGrid'
import styles from './Message.module.css'
import { MessageText } from './MessageText'

/** What can be done with a message. */
export interface MessageActs {
  onReply: (message: ChatMessage) => void
  onReact: (messageId: string, emoji: string, on: boolean) => void
  onRecall: (message: ChatMessage) => void
  /** Puts a recalled text back into the field. */
  onEdit: (messageId: string) => void
  onQuote: (messageId: string) => void
}

interface MessageItemProps {
  message: ChatMessage
  /** The first of several by one author: it has the name and the time. */
  first: boolean
  me: ChatReader
  people: ReadonlyArray<ChatPerson>
  canWrite: boolean
  editable: boolean
  acts: MessageActs
}

const recallMs = 24 * 3_600_000

export function isMine(author: ChatMessage['author'], me: ChatReader): boolean {
  return author.id === me.selfId
}

export const MessageItem = memo(function MessageItem(props: MessageItemProps) {
  const { message, first, me, people, canWrite, acts } = props
  const { t, i18n } = useTranslation('chat')
  const { author } = message
  const at = new Date(message.createdAt)
  if (message.recalled) return <Recalled {...props} />
  return (
    <li className={cx(styles.message, first && styles.first)} id={`message-${message.id}`} tabIndex={-1}>
      {first ? (
        <Avatar name={author.name} id={author.userId ?? author.id} url={author.avatarUrl} size={28} />
      ) : (
        <time className={styles.side} dateTime={message.createdAt}>
          {clock(at, i18n.language)}
        </time>
      )}
      <div className={styles.body}>
        {first && (
          <div className={styles.who}>
            <b>{author.name}</b>
            {author.guest && <span className={styles.guest}>{t('guest')}</span>}
            <time dateTime={message.createdAt} title={exactTime(at, i18n.language)}>
              {clock(at, i18n.language)}
            </time>
          </div>
        )}
        {message.replyTo && <Quote reply={message.replyTo} onQuote={acts.onQuote} />}
        <MessageText text={message.text} mentions={message.mentions} people={people} me={me} />
        <Reactions message={message} canWrite={canWrite} onReact={acts.onReact} />
      </div>
      <Actions {...props} />
    </li>
  )
})

function Recalled({ message, me, editable, canWrite, acts }: MessageItemProps) {
  const { t } = useTranslation('chat')
  const mine = isMine(message.author, me)
  return (
    <li className={styles.recalled}>
      <Icon name="undo" size={14} />
      <span>{mine ? t('recalledMine') : t('recalled', { name: message.author.name })}</span>
      {mine && editable && canWrite && (
        <button type="button" onClick={() => acts.onEdit(message.id)}>
          {t('editAgain')}
        </button>
      )}
    </li>
  )
}

function Quote({
  reply,
  onQuote,
}: {
  reply: NonNullable<ChatMessage['replyTo']>
  onQuote: (id: string) => void
}) {
  return (
    <button type="button" className={styles.quote} onClick={() => onQuote(reply.id)}>
      <b>{reply.authorName}</b> {reply.excerpt}
    </button>
  )
}

function Reactions({
  message,
  canWrite,
  onReact,
}: Pick<MessageItemProps, 'message' | 'canWrite'> & { onReact: MessageActs['onReact'] }) {
  const { t } = useTranslation('chat')
  if (message.reactions.length === 0) return null
  const label = ({ emoji, names }: ChatReaction) => t('reactionBy', { emoji, names: names.join(', ') })
  return (
    <div className={styles.reactions}>
      {message.reactions.map((reaction) => (
        <button
          key={reaction.emoji}
          type="button"
          aria-pressed={reaction.mine}
          title={reaction.names.join(', ')}
          disabled={!canWrite}
          onClick={() => onReact(message.id, reaction.emoji, !reaction.mine)}
        >
          {reaction.emoji} <span>{reaction.count}</span>
          <span className="sr">{label(reaction)}</span>
        </button>
      ))}
    </div>
  )
}

function Actions({ message, me, canWrite, acts }: MessageItemProps) {
  const { t } = useTranslation('chat')
  const touch = useMedia('(hover: none)')
  const entries = (): MenuEntry[] => {
    const list: MenuEntry[] = []
    if (touch && canWrite) list.push({ kind: 'custom', key: 'react', content: quick })
    if (canWrite)
      list.push({ key: 'reply', icon: 'reply', label: t('reply'), onSelect: () => acts.onReply(message) })
    list.push({ key: 'copy', icon: 'copy', label: t('copy'), onSelect: () => void copy() })
    if (mayRecall())
      list.push({
        key: 'recall',
        icon: 'undo',
        label: t('recall'),
        danger: true,
        onSelect: () => acts.onRecall(message),
      })
    return list
  }
  const copy = async () => {
    if (await copyText(message.text)) toast.done(t('copied'))
  }
  const quick = (onDone: () => void) => (
    <EmojiGrid
      emojis={quickEmojis}
      onPick={(emoji) => {
        acts.onReact(message.id, emoji, true)
        onDone()
      }}
    />
  )
  const mayRecall = () =>
    me.moderates ||
    (canWrite && isMine(message.author, me) && Date.now() - Date.parse(message.createdAt) < recallMs)
  return (
    <div className={styles.actions}>
      {canWrite && !touch && (
        <PopoverButton
          label={t('react')}
          side="top"
          align="end"
          theme="inherit"
          trigger={(trigger) => (
            <IconButton label={t('react')} {...trigger}>
              <Icon name="smile" size={16} />
            </IconButton>
          )}
        >
          {quick}
        </PopoverButton>
      )}
      <MenuButton
        label={t('more')}
        side="bottom"
        align="end"
        theme="inherit"
        entries={entries}
        trigger={(trigger) => (
          <IconButton label={t('more')} {...trigger}>
            <Icon name="more" size={16} />
          </IconButton>
        )}
      />
    </div>
  )
}
