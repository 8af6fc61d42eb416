import { type FormEvent, useState } from 'react'
import { ApiError } from '@/core/api/error'
import { errorText } from './errorText'

type Problems<V> = Partial<Record<keyof V & string, string>>

interface FormOptions<V> {
  initial: V
  /** Says what is wrong with which field before anything is sent. */
  check?: (values: V) => Problems<V>
  submit: (values: V) => Promise<void>
  /** Which field an error of the server belongs to, by its code. */
  fieldOfCode?: Partial<Record<string, keyof V & string>>
}

/** The values of a small form, what is wrong with them, and sending them once. */
export function useForm<V extends object>({ initial, check, submit, fieldOfCode = {} }: FormOptions<V>) {
  const [values, setValues] = useState(initial)
  const [problems, setProblems] = useState<Problems<V>>({})
  const [failure, setFailure] = useState<string>()
  const [busy, setBusy] = useState(false)

  const set = <K extends keyof V & string>(name: K, value: V[K]) => {
    setValues((old) => ({ ...old, [name]: value }))
    setProblems((old) => ({ ...old, [name]: undefined }))
    setFailure(undefined)
  }
  const fail = (error: unknown) => {
    const field = error instanceof ApiError ? fieldOfCode[error.code] : undefined
    if (field) setProblems({ [field]: errorText(error) } as Problems<V>)
    else setFailure(errorText(error))
  }
  const onSubmit = async (event?: FormEvent<HTMLFormElement>) => {
    event?.preventDefault()
    if (busy) return
    const found = check?.(values) ?? {}
    setProblems(found)
    setFailure(undefined)
    if (Object.values(found).some(Boolean)) {
      focusFirstProblem(event?.currentTarget ?? null)
      return
    }
    setBusy(true)
    try {
      await submit(values)
    } catch (error) {
      fail(error)
    } finally {
      setBusy(false)
    }
  }
  /** What a TextField needs for one field of text. */
  const field = (name: { [K in keyof V]: V[K] extends string ? K : never }[keyof V] & string) => ({
    value: values[name] as string,
    onChange: (value: string) => set(name, value as V[typeof name]),
    problem: problems[name],
  })
  return { values, set, setValues, field, problems, failure, busy, onSubmit }
}

function focusFirstProblem(form: HTMLFormElement | null) {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
}
