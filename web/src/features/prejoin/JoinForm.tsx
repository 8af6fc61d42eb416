import { type FormEvent, useId, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/Button'
import { errorText } from '@/ui/errorText'
import { Icon } from '@/ui/Icon'
import styles from './PreJoin.module.css'
import type { MeetingPreview, Standing } from './preview'

interface JoinFormProps {
  preview: MeetingPreview
  act: Extract<Standing, { kind: 'open' }>['act']
  name: string
  onName: (name: string) => void
  nameMissing: boolean
  joining: boolean
  problem: { code: string } | null
  /** There is another way in without devices on the page already. */
  helped: boolean
  onJoin: (devices: boolean) => void
}

const maxName = 60

/** The way in: a guest's name, consent where the meeting is recorded, one main button. */
export function JoinForm(props: JoinFormProps) {
  const { preview, act, name, onName, nameMissing, joining, problem, helped, onJoin } = props
  const { t } = useTranslation('prejoin')
  const guest = !preview.signedIn
  const field = useId()
  const input = useRef<HTMLInputElement>(null)
  const join = (devices: boolean) => {
    if (guest && name.trim() === '') input.current?.focus()
    onJoin(devices)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    join(true)
  }
  return (
    <form onSubmit={submit} noValidate>
      {guest && (
        <div className="field">
          <label htmlFor={field}>{t('name')}</label>
          <input
            ref={input}
            id={field}
            className="input"
            value={name}
            maxLength={maxName}
            autoComplete="name"
            aria-invalid={nameMissing}
            aria-describedby={`${field}-hint`}
            // biome-ignore lint/a11y/noAutofocus: the name is all that is asked of a guest
            autoFocus
            onChange={(event) => onName(event.target.value)}
          />
          <p
            id={`${field}-hint`}
            className={nameMissing ? 'hint bad' : 'hint'}
            role={nameMissing ? 'alert' : undefined}
          >
            {nameMissing ? t('nameNeeded') : act === 'join' ? t('guestHint') : t('guestLobbyHint')}
          </p>
        </div>
      )}
      {preview.recorded && (
        <div className={styles.consent} role="note">
          <Icon name="record" size={20} />
          <span>
            <b>{t('recorded')}</b> {t('recordedDetail')}
          </span>
        </div>
      )}
      {problem && (
        <div className={`note bad ${styles.problem}`} role="alert">
          <Icon name="info" />
          <span className="grow">{errorText(problem)}</span>
        </div>
      )}
      <div className={styles.go}>
        <Button type="submit" look="primary" size="lg" block busy={joining}>
          {label()}
        </Button>
        {!helped && (
          <Button look="text" block disabled={joining} onClick={() => join(false)}>
            {t('without')}
          </Button>
        )}
      </div>
    </form>
  )

  function label(): string {
    if (joining) return t('joining')
    if (preview.recorded) return t('agreeAndJoin')
    switch (act) {
      case 'join':
        return t('join')
      case 'start':
        return t('start')
      case 'ask':
        return t('ask')
      case 'wait':
        return t('wait')
    }
  }
}
