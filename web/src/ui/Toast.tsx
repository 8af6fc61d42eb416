import { useTranslation } from 'react-i18next'
import { StateStore } from '@/core/store'
import { IconButton } from './Button'
import { errorText } from './errorText'
import { Icon, type IconName } from './Icon'
import { useStore } from './useStore'

interface Toast {
  key: number
  text: string
  icon: IconName
  action?: { label: string; run: () => void }
}

const toasts = new StateStore<readonly Toast[]>([])
const atOnce = 3
let last = 0

function show(toast: Omit<Toast, 'key'>, milliseconds: number) {
  const key = ++last
  toasts.update((list) => [...list.slice(1 - atOnce), { ...toast, key }])
  setTimeout(() => dismiss(key), milliseconds)
}

function dismiss(key: number) {
  toasts.update((list) =>
    list.some((toast) => toast.key === key) ? list.filter((toast) => toast.key !== key) : list,
  )
}

/** Short messages about what was just done. Nothing that has to be read stands only here. */
export const toast = {
  done: (text: string) => show({ text, icon: 'check' }, 4000),
  warn: (text: string) => show({ text, icon: 'info' }, 8000),
  failed: (error: unknown) => show({ text: errorText(error), icon: 'info' }, 8000),
  /** Done, with what may come next. */
  offering: (text: string, label: string, run: () => void) =>
    show({ text, icon: 'check', action: { label, run } }, 8000),
  undoable: (text: string, label: string, run: () => void) =>
    show({ text, icon: 'undo', action: { label, run } }, 8000),
}

export function Toasts() {
  const { t } = useTranslation()
  const list = useStore(toasts)
  return (
    <div className="toasts" role="status" aria-live="polite">
      {list.map(({ key, text, icon, action }) => (
        <div className="note inv" key={key}>
          <Icon name={icon} />
          <span className="grow">{text}</span>
          {action ? (
            <button
              type="button"
              className="btn text"
              onClick={() => {
                dismiss(key)
                action.run()
              }}
            >
              {action.label}
            </button>
          ) : (
            <IconButton icon="x" label={t('action.close')} onClick={() => dismiss(key)} />
          )}
        </div>
      ))}
    </div>
  )
}
