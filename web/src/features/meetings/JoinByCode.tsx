import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/Button'
import { meetingCode } from './code'

/** A code or a link leads into the meeting it belongs to. */
export function JoinByCode() {
  const { t } = useTranslation('meetings')
  const navigate = useNavigate()
  const id = useId()
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState(false)
  const join = (event: FormEvent) => {
    event.preventDefault()
    const code = meetingCode(text)
    setWrong(!code)
    if (code) void navigate({ to: '/m/$code', params: { code } })
  }
  return (
    <>
      <form className="mt-code" onSubmit={join}>
        <input
          className="input"
          aria-label={t('code.label')}
          placeholder={t('code.label')}
          aria-invalid={wrong || undefined}
          aria-describedby={wrong ? id : undefined}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setWrong(false)
          }}
        />
        <Button type="submit" disabled={text.trim() === ''}>
          {t('code.join')}
        </Button>
      </form>
      {wrong && (
        <p className="hint bad mt-code-wrong" id={id} role="alert">
          {t('code.wrong')}
        </p>
      )}
    </>
  )
}
