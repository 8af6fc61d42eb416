import {
  type KeyboardEvent,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatReply } from '@/core/chat/state'
import { Avatar } from '@/ui/Avatar'
import { Icon } from '@/ui/Icon'
import { cx } from '@/ui/stage/cx'
import { IconButton } from '@/ui/stage/IconButton'
import { PopoverButton } from '@/ui/stage/Menu'
import styles from './Chat.module.css'
import type { ChatPerson } from './chatHandle'
import { EmojiGrid, writingEmojis } from './EmojiGrid'
import { candidates, completeMention, type MentionQuery, mentionAt, mentionedIn } from './mention'

/** What others may do to the field. */
export interface ComposerHandle {
  focus(): void
  put(text: string): void
}

interface ComposerProps {
  people: ReadonlyArray<ChatPerson>
  reply: ChatReply | null
  onCancelReply: () => void
  onSend: (text: string, mentions: string[]) => void
  focusFirst?: boolean
  ref: Ref<ComposerHandle>
}

const maxLetters = 8000
const warnLetters = 7500

/** The field: Enter sends, Shift+Enter breaks the line, Enter that ends a composition does neither. */
export function Composer({ people, reply, onCancelReply, onSend, focusFirst, ref }: ComposerProps) {
  const { t } = useTranslation('chat')
  const [text, setText] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const mention = useMention(text, people)
  useGrow(field, text)
  useEffect(() => {
    if (focusFirst) field.current?.focus()
  }, [focusFirst])
  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus(),
    put: (next) => {
      setText(next)
      field.current?.focus()
    },
  }))
  const send = () => {
    const clean = text.trim()
    if (clean === '' || clean.length > maxLetters) return
    onSend(clean, mentionedIn(clean, people))
    setText('')
    mention.close()
  }
  const insert = (next: { text: string; caret: number }) => {
    setText(next.text)
    mention.close()
    requestAnimationFrame(() => {
      field.current?.focus()
      field.current?.setSelectionRange(next.caret, next.caret)
    })
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (
      mention.onKey(
        event,
        (person) => mention.query && insert(completeMention(text, mention.query, person.name)),
      )
    )
      return
    if (event.key === 'Escape' && reply) {
      event.preventDefault()
      onCancelReply()
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      send()
    }
  }
  return (
    <div className={styles.composer}>
      {mention.list.length > 0 && (
        <Suggestions
          id={mention.id}
          people={mention.list}
          at={mention.at}
          onPick={(person) => mention.query && insert(completeMention(text, mention.query, person.name))}
        />
      )}
      {reply && <ReplyTo reply={reply} onCancel={onCancelReply} />}
      <textarea
        ref={field}
        rows={1}
        value={text}
        maxLength={maxLetters}
        placeholder={t('placeholder')}
        aria-label={t('placeholder')}
        aria-autocomplete="list"
        aria-controls={mention.list.length > 0 ? mention.id : undefined}
        aria-activedescendant={mention.list.length > 0 ? `${mention.id}-${mention.at}` : undefined}
        onChange={(event) => {
          setText(event.target.value)
          mention.look(event.target.value, event.target.selectionStart)
        }}
        onSelect={(event) => mention.look(event.currentTarget.value, event.currentTarget.selectionStart)}
        onBlur={mention.close}
        onKeyDown={onKeyDown}
      />
      <div className={styles.tools}>
        <PopoverButton
          label={t('insertEmoji')}
          align="start"
          theme="inherit"
          trigger={(trigger) => (
            <IconButton label={t('insertEmoji')} {...trigger}>
              <Icon name="smile" size={20} />
            </IconButton>
          )}
        >
          {(close) => (
            <EmojiGrid
              emojis={writingEmojis}
              onPick={(emoji) => {
                const caret = field.current?.selectionStart ?? text.length
                close()
                insert({
                  text: text.slice(0, caret) + emoji + text.slice(caret),
                  caret: caret + emoji.length,
                })
              }}
            />
          )}
        </PopoverButton>
        {people.length > 0 && (
          <IconButton
            label={t('mention')}
            onClick={() => {
              const caret = field.current?.selectionStart ?? text.length
              const gap = caret > 0 && !/\s/.test(text[caret - 1] ?? ' ') ? ' @' : '@'
              const next = text.slice(0, caret) + gap + text.slice(caret)
              insert({ text: next, caret: caret + gap.length })
              mention.look(next, caret + gap.length)
            }}
          >
            <Icon name="at" size={20} />
          </IconButton>
        )}
        <span className={styles.left} role="status">
          {text.length > warnLetters && t('lettersLeft', { count: maxLetters - text.length })}
        </span>
        <IconButton label={t('send')} className={styles.send} onClick={send}>
          <Icon name="send" size={20} />
        </IconButton>
      </div>
    </div>
  )
}

function ReplyTo({ reply, onCancel }: { reply: ChatReply; onCancel: () => void }) {
  const { t } = useTranslation('chat')
  return (
    <div className={styles.reply}>
      <Icon name="reply" size={14} />
      <span>
        <b>{reply.authorName}</b> {reply.excerpt}
      </span>
      <IconButton label={t('cancelReply')} onClick={onCancel}>
        <Icon name="x" size={16} />
      </IconButton>
    </div>
  )
}

interface SuggestionsProps {
  id: string
  people: ReadonlyArray<ChatPerson>
  at: number
  onPick: (person: ChatPerson) => void
}

function Suggestions({ id, people, at, onPick }: SuggestionsProps) {
  const { t } = useTranslation('chat')
  return (
    <div id={id} role="listbox" aria-label={t('mention')} className={styles.suggestions}>
      {people.map((person, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys belong to the field, which keeps the focus
        <div
          key={person.userId}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          className={cx(styles.suggestion, index === at && styles.active)}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onPick(person)}
        >
          <Avatar name={person.name} id={person.userId} url={person.avatarUrl} size={24} />
          {person.name}
        </div>
      ))}
    </div>
  )
}

function useMention(text: string, people: ReadonlyArray<ChatPerson>) {
  const id = useId()
  const [query, setQuery] = useState<MentionQuery | null>(null)
  const [at, setAt] = useState(0)
  const list = query && text[query.at] === '@' ? candidates(people, query.query) : []
  const look = (value: string, caret: number) => {
    const next = mentionAt(value, caret)
    if (next?.query !== query?.query || next?.at !== query?.at) {
      setQuery(next)
      setAt(0)
    }
  }
  const onKey = (event: KeyboardEvent, pick: (person: ChatPerson) => void): boolean => {
    if (list.length === 0) return false
    const person = list[at]
    switch (event.key) {
      case 'ArrowDown':
        setAt((at + 1) % list.length)
        break
      case 'ArrowUp':
        setAt((at - 1 + list.length) % list.length)
        break
      case 'Enter':
      case 'Tab':
        if (person) pick(person)
        break
      case 'Escape':
        setQuery(null)
        break
      default:
        return false
    }
    event.preventDefault()
    event.stopPropagation()
    return true
  }
  return { id, query, at, list, look, onKey, close: () => setQuery(null) }
}

/** The field is as high as its text, to a limit that its style sets. */
function useGrow(field: { current: HTMLTextAreaElement | null }, text: string) {
  useLayoutEffect(() => {
    const element = field.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = text === '' ? '' : `${element.scrollHeight}px`
  }, [field, text])
}
