import { useMemo } from 'react'
import { cx } from '@/ui/stage/cx'
import type { ChatPerson, ChatReader } from './chatHandle'
import { partsOf } from './linkify'
import styles from './Message.module.css'

interface MessageTextProps {
  text: string
  mentions: ReadonlyArray<string>
  people: ReadonlyArray<ChatPerson>
  me: ChatReader
}

/** The words of a message, with links that open elsewhere and mentions that stand out. */
export function MessageText({ text, mentions, people, me }: MessageTextProps) {
  const parts = useMemo(
    () =>
      partsOf(
        text,
        people.filter((person) => mentions.includes(person.userId)),
      ),
    [text, mentions, people],
  )
  return (
    <p className={styles.words}>
      {parts.map((part, index) => {
        switch (part.kind) {
          case 'link':
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change places
              <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
                {part.text}
              </a>
            )
          case 'mention':
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change places
              <span key={index} className={cx(styles.mention, part.userId === me.selfId && styles.toMe)}>
                {part.text}
              </span>
            )
          default:
            return part.text
        }
      })}
    </p>
  )
}
