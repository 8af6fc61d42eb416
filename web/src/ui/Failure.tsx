import { Icon } from './Icon'

/** What went wrong with the whole of a form, above its button. */
export function Failure({ text }: { text: string | undefined }) {
  if (!text) return null
  return (
    <div className="note bad" role="alert">
      <Icon name="info" />
      <span className="grow">{text}</span>
    </div>
  )
}
