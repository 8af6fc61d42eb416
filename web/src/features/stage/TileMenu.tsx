import { useTranslation } from 'react-i18next'
import type { ParticipantView } from '@/core/meeting/state'
import { Icon } from '@/ui/Icon'
import { IconButton } from '@/ui/stage/IconButton'
import { MenuButton, type MenuEntry } from '@/ui/stage/Menu'
import { useStore } from '@/ui/useStore'
import { useStage } from './stageCall'

interface TileMenuProps {
  participant: ParticipantView
  pinned: boolean
  onPin: (participantId: string | null) => void
}

/** What can be done with a tile: pin it for oneself; for hosts spotlight it and mute it. */
export function TileMenu({ participant, pinned, onPin }: TileMenuProps) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const moderate = useStore(call, (snapshot) => snapshot.permissions.moderate)
  const spotlit = useStore(call, (snapshot) => snapshot.meeting?.spotlightId === participant.id)
  const entries = (): MenuEntry[] => {
    const list: MenuEntry[] = [
      {
        key: 'pin',
        icon: 'pin',
        label: pinned ? t('tile.unpin') : t('tile.pin'),
        onSelect: () => onPin(pinned ? null : participant.id),
      },
    ]
    if (!moderate) return list
    list.push({
      key: 'spotlight',
      icon: 'star',
      label: spotlit ? t('tile.endSpotlight') : t('tile.spotlight'),
      onSelect: () => call.spotlight(spotlit ? null : participant.id),
    })
    if (!participant.isSelf && participant.microphone && !participant.microphone.muted) {
      list.push({
        key: 'mute',
        icon: 'mic-off',
        label: t('tile.mute'),
        onSelect: () => call.mute(participant.id, 'microphone'),
      })
    }
    return list
  }
  const label = t('tile.more', { name: participant.name })
  return (
    <MenuButton
      label={label}
      side="bottom"
      align="end"
      entries={entries}
      trigger={(trigger) => (
        <IconButton label={label} {...trigger}>
          <Icon name="more" size={20} />
        </IconButton>
      )}
    />
  )
}
