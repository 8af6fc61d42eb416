import { useTranslation } from 'react-i18next'
import { TextField, type TextFieldProps } from './TextField'

/** The name one signs in with. */
export function LoginField(props: TextFieldProps) {
  return <TextField {...props} autoComplete="username" autoCapitalize="none" spellCheck={false} />
}

/** A password that is chosen, not remembered. */
export function NewPasswordField(props: TextFieldProps) {
  const { t } = useTranslation()
  return <TextField {...props} type="password" autoComplete="new-password" hint={t('form.passwordHint')} />
}
