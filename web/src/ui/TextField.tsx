import { type InputHTMLAttributes, type ReactNode, type Ref, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from './Button'
import { Icon } from './Icon'

export interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  label: ReactNode
  value: string
  onChange: (value: string) => void
  hint?: ReactNode
  /** What is wrong with the value and what to do, in the reader's language. */
  problem?: string | undefined
  ref?: Ref<HTMLInputElement>
}

/** A labelled line of text. A password can be shown while it is typed. */
export function TextField({
  label,
  value,
  onChange,
  hint,
  problem,
  type = 'text',
  ref,
  ...rest
}: TextFieldProps) {
  const { t } = useTranslation()
  const id = useId()
  const [shown, setShown] = useState(false)
  const note = problem || hint ? `${id}-note` : undefined
  const input = (
    <input
      {...rest}
      ref={ref}
      id={id}
      type={type === 'password' && shown ? 'text' : type}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      aria-invalid={problem ? true : undefined}
      aria-describedby={note}
      className={type === 'password' ? undefined : 'input'}
    />
  )
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {type === 'password' ? (
        <span className={problem ? 'input invalid' : 'input'}>
          {input}
          <IconButton
            icon="eye"
            label={shown ? t('form.hidePassword') : t('form.showPassword')}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          />
        </span>
      ) : (
        input
      )}
      {problem ? (
        <div className="hint bad" id={note} role="alert">
          <Icon name="info" size={16} />
          {problem}
        </div>
      ) : (
        hint && (
          <div className="hint" id={note}>
            {hint}
          </div>
        )
      )}
    </div>
  )
}
