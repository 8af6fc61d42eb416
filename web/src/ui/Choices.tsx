import { type KeyboardEvent, type ReactNode, useId } from 'react'

interface ChoicesProps<T extends string> {
  label: string
  value: T
  options: readonly { value: T; label: ReactNode; lang?: string }[]
  onChange: (value: T) => void
}

/** A few choices side by side, of which one holds: a radio group. */
export function Choices<T extends string>({ label, value, options, onChange }: ChoicesProps<T>) {
  const id = useId()
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const at = options.findIndex((option) => option.value === value)
    const next = options[(at + step + options.length) % options.length]
    if (!next) return
    onChange(next.value)
    event.currentTarget.querySelectorAll('button')[options.indexOf(next)]?.focus()
  }
  return (
    <div className="field">
      <span className="label" id={id}>
        {label}
      </span>
      <div className="choices" role="radiogroup" aria-labelledby={id} onKeyDown={onKeyDown}>
        {options.map((option) => (
          // biome-ignore lint/a11y/useSemanticElements: the buttons are drawn as one control
          <button
            key={option.value}
            type="button"
            role="radio"
            aria-checked={option.value === value}
            tabIndex={option.value === value ? 0 : -1}
            lang={option.lang}
            onClick={() => onChange(option.value)}
          >
            {option.label}
          </button>
        ))}
      </div>
    </div>
  )
}
