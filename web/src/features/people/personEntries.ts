import type { TFunction } from 'i18next'
import type { ParticipantView } from '@/core/meeting/state'
import type { Permissions } from '@/core/meeting/wire'
import type { MenuEntry } from '@/ui/stage/Menu'
import type { PeopleCall } from './peopleCall'

interface PersonOptions {
  person: ParticipantView
  permissions: Permissions
  sharing: boolean
  pinned: boolean
  spotlit: boolean
  call: PeopleCall
  onPin: (participantId: string | null) => void
  onRename: () => void
  onAsk: (question: 'remove' | 'transfer') => void
  t: TFunction<'people'>
}

/** What may be done with a person; no more than the permissions say. */
export function personEntries(options: PersonOptions): MenuEntry[] {
  const { person, permissions, pinned, onPin, onRename, t } = options
  const entries: MenuEntry[] = []
  if (person.kind !== 'viewer') {
    entries.push({
      key: 'pin',
      icon: 'pin',
      label: pinned ? t('unpin') : t('pin'),
      onSelect: () => onPin(pinned ? null : person.id),
    })
  }
  if (person.isSelf && permissions.rename)
    entries.push({ key: 'rename', icon: 'edit', label: t('rename'), onSelect: onRename })
  if (permissions.moderate && person.kind !== 'viewer') entries.push(...moderation(options))
  if (permissions.assignRoles && !person.isSelf && person.role !== 'host' && !person.kind)
    entries.push(...roles(options))
  if (permissions.moderate && !person.isSelf && person.role !== 'host') {
    if (entries.length > 0) entries.push({ kind: 'line', key: 'removeLine' })
    entries.push({
      key: 'remove',
      icon: 'x',
      label: t('remove'),
      danger: true,
      onSelect: () => options.onAsk('remove'),
    })
  }
  return entries
}

function moderation({ person, sharing, spotlit, call, t }: PersonOptions): MenuEntry[] {
  const entries: MenuEntry[] = [
    {
      key: 'spotlight',
      icon: 'star',
      label: spotlit ? t('endSpotlight') : t('spotlight'),
      onSelect: () => call.spotlight(spotlit ? null : person.id),
    },
  ]
  if (person.handAt) {
    entries.push({ key: 'lower', icon: 'hand', label: t('lower'), onSelect: () => call.lowerHand(person.id) })
  }
  if (person.isSelf) return entries
  const muted = !person.microphone || person.microphone.muted
  const ingest = person.kind === 'ingest'
  if (!ingest || person.microphone)
    entries.push(
      muted
        ? {
            key: 'ask',
            icon: 'mic',
            label: ingest ? t('unmute') : t('ask'),
            onSelect: () => call.askUnmute(person.id, 'microphone'),
          }
        : {
            key: 'mute',
            icon: 'mic-off',
            label: t('mute'),
            onSelect: () => call.mute(person.id, 'microphone'),
          },
    )
  const filming = person.camera && !person.camera.muted
  if (!ingest || person.camera)
    entries.push(
      filming
        ? {
            key: 'camera',
            icon: 'cam-off',
            label: t('stopCamera'),
            onSelect: () => call.mute(person.id, 'camera'),
          }
        : {
            key: 'askCamera',
            icon: 'cam',
            label: ingest ? t('showPicture') : t('askCamera'),
            onSelect: () => call.askUnmute(person.id, 'camera'),
          },
    )
  if (sharing)
    entries.push({
      key: 'share',
      icon: 'screen',
      label: t('stopShare'),
      onSelect: () => call.mute(person.id, 'screen'),
    })
  return entries
}

function roles({ person, call, onAsk, t }: PersonOptions): MenuEntry[] {
  const entries: MenuEntry[] = [{ kind: 'line', key: 'rolesLine' }]
  if (person.role !== 'guest') {
    const cohost = person.role === 'cohost'
    entries.push({
      key: 'cohost',
      icon: 'shield',
      label: cohost ? t('endCohost') : t('makeCohost'),
      onSelect: () => call.setRole(person.id, cohost ? 'participant' : 'cohost'),
    })
    entries.push({ key: 'transfer', icon: 'user', label: t('transfer'), onSelect: () => onAsk('transfer') })
  }
  return entries
}
