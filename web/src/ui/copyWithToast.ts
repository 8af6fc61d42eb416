import i18next from 'i18next'
import { copyText } from './copy'
import { toast } from './Toast'

/** Copies and says so, or says that the browser did not let it. */
export async function copyWithToast(text: string, done: string): Promise<void> {
  if (await copyText(text)) toast.done(done)
  else toast.warn(i18next.t('action.copyFailed'))
}
