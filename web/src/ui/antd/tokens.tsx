import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../Button'
import { Dialog } from './Dialog'
import { SelectField } from './SelectField'

interface LifetimeFieldProps {
  /** The choices in days, 0 for a token that does not expire. */
  choices: readonly number[]
  value: number
  onChange: (days: number) => void
}

/** For how long a token is good. */
export function LifetimeField({ choices, value, onChange }: LifetimeFieldProps) {
  const { t } = useTranslation()
  return (
    <SelectField
      label={t('token.lifetime')}
      value={value}
      onChange={onChange}
      options={choices.map((days) => ({
        value: days,
        label: days === 0 ? t('token.forever') : t('token.days', { count: days }),
      }))}
    />
  )
}

/** What a request says of a lifetime in days; nothing for 0. */
export function expiryIn(days: number): { expiresAt?: string } {
  return days > 0 ? { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() } : {}
}

/** Shows the secret of a token that was made, once. */
export function NewTokenDialog({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <Dialog
      title={t('token.made')}
      onClose={onClose}
      footer={
        <div className="dialog-foot">
          <Button look="primary" onClick={onClose}>
            {t('token.kept')}
          </Button>
        </div>
      }
    >
      <div className="form">{children}</div>
    </Dialog>
  )
}
