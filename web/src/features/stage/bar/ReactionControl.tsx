import { useTranslation } from 'react-i18next'
import { ControlButton } from '@/ui/stage/ControlButton'
import { PopoverButton } from '@/ui/stage/Menu'
import { useStage } from '../stageCall'
import styles from './Bar.module.css'

/** The reactions of a meeting. */
const reactionEmojis = ['👍', '👏', '🎉', '❤️', '😂', '😮', '🤔', '👎'] as const

export function ReactionControl() {
  const { t } = useTranslation('stage')
  return (
    <PopoverButton
      label={t('bar.react')}
      trigger={(trigger) => <ControlButton icon="smile" label={t('bar.react')} {...trigger} />}
    >
      {(close) => <Reactions onDone={close} />}
    </PopoverButton>
  )
}

export function Reactions({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  return (
    <div className={styles.reactions}>
      {reactionEmojis.map((emoji) => (
        <button
          key={emoji}
          type="button"
          aria-label={t('bar.reactWith', { emoji })}
          onClick={() => {
            call.react(emoji)
            onDone()
          }}
        >
          {emoji}
        </button>
      ))}
    </div>
  )
}
