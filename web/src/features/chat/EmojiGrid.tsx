import { useTranslation } from 'react-i18next'
import styles from './Message.module.css'

/** For a reaction. */
export const quickEmojis = ['👍', '❤️', '😂', '🎉', '👀', '🙏'] as const

/** For a text. */
export const writingEmojis = [
  ...['😀', '😄', '😂', '🙂', '😉', '😍', '🤔', '😅', '😮', '😢', '😭', '😡', '🙈', '😴', '🤝', '👋'],
  ...['👍', '👎', '👌', '👏', '🙏', '💪', '❤️', '🔥', '🎉', '✅', '❌', '❓', '💡', '📌', '⏰', '🚀'],
] as const

export function EmojiGrid({
  emojis,
  onPick,
}: {
  emojis: ReadonlyArray<string>
  onPick: (emoji: string) => void
}) {
  const { t } = useTranslation('chat')
  return (
    <div className={emojis.length > 8 ? styles.emojisMany : styles.emojis}>
      {emojis.map((emoji) => (
        <button key={emoji} type="button" aria-label={t('emoji', { emoji })} onClick={() => onPick(emoji)}>
          {emoji}
        </button>
      ))}
    </div>
  )
}
