import { Select, type SelectProps } from 'antd'
import { type ReactNode, useId } from 'react'

interface SelectFieldProps<V> extends Omit<SelectProps<V>, 'id' | 'style'> {
  label: ReactNode
  hint?: ReactNode
}

/** A labelled choice among options. */
export function SelectField<V>({ label, hint, ...rest }: SelectFieldProps<V>) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <Select {...rest} id={id} style={{ width: '100%' }} />
      {hint && <div className="hint">{hint}</div>}
    </div>
  )
}
