import { useTranslation } from 'react-i18next'
import { ControlButton } from '@/ui/stage/ControlButton'
import { MenuButton, type MenuEntry } from '@/ui/stage/Menu'
import { useStore } from '@/ui/useStore'
import { hintEntries } from '../hintEntries'
import { useStage } from '../stageCall'

/** Share a screen, or stop; while sharing a menu with what matters in the picture. */
export function ShareControl() {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const sharing = useStore(call, (snapshot) => snapshot.local.sharing)
  const can = useStore(call, (snapshot) => snapshot.local.canShare)
  const allowed = useStore(call, (snapshot) => snapshot.permissions.share)
  if (!can) return null
  if (sharing) {
    const entries: MenuEntry[] = [
      { key: 'stop', icon: 'x', label: t('bar.stopShare'), shortcut: 'S', onSelect: () => call.stopShare() },
      { key: 'other', icon: 'screen', label: t('bar.shareOther'), onSelect: () => void call.startShare() },
      { kind: 'line', key: 'line' },
      ...hintEntries(sharing.hint, t, (hint) => call.setHint(hint)),
    ]
    return (
      <MenuButton
        label={t('bar.sharing')}
        entries={entries}
        trigger={(trigger) => <ControlButton icon="screen" label={t('bar.sharing')} tone="on" {...trigger} />}
      />
    )
  }
  return (
    <ControlButton
      icon="screen"
      label={allowed ? t('bar.share') : t('bar.noShare')}
      shortcut="S"
      disabled={!allowed}
      onClick={() => void call.startShare({ hint: 'auto', audio: true })}
    />
  )
}
