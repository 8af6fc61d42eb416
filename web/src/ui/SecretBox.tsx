import { IconButton } from './Button'
import { copyWithToast } from './copyWithToast'

interface SecretBoxProps {
  text: string
  /** What copying it is called, and what is said when it is done. */
  act: string
  done: string
}

/** A text to copy as a whole. */
export function SecretBox({ text, act, done }: SecretBoxProps) {
  return (
    <div className="secret">
      <code>{text}</code>
      <IconButton icon="copy" label={act} onClick={() => void copyWithToast(text, done)} />
    </div>
  )
}
