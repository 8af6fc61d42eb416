import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { LocalMedia } from '@/core/meeting/state'
import { ControlButton } from '@/ui/stage/ControlButton'
import { LevelMeter } from '@/ui/stage/LevelMeter'
import { MenuButton, type MenuEntry } from '@/ui/stage/Menu'
import { useStore } from '@/ui/useStore'
import { type StageDevices, useStage } from '../stageCall'

/** The microphone with its menu: input, output, level, a test of the sound. */
export function MicrophoneControl({ round }: { round?: boolean }) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const state = useStore(call, (snapshot) => snapshot.local.microphone.state)
  const allowed = useStore(call, (snapshot) => snapshot.permissions.publishMicrophone)
  const on = state === 'on' || state === 'starting'
  return (
    <ControlButton
      icon={on ? 'mic' : 'mic-off'}
      label={allowed ? (on ? t('bar.mute') : t('bar.unmute')) : t('bar.noMicrophone')}
      shortcut="M"
      tone={on ? undefined : 'off'}
      part={round ? undefined : 'main'}
      round={round}
      disabled={!allowed}
      aria-busy={state === 'starting'}
      onClick={() => call.toggleMicrophone()}
    />
  )
}

export function MicrophoneMenu() {
  const { t } = useTranslation('stage')
  const { call, devices } = useStage()
  const local = useStore(call, (snapshot) => snapshot.local, sameDevices)
  return (
    <MenuButton
      label={t('bar.microphoneMenu')}
      entries={[...microphoneEntries(local, devices, t), ...speakerEntries(local, devices, t)]}
      trigger={(trigger) => (
        <ControlButton icon="up" part="caret" label={t('bar.microphoneMenu')} {...trigger} />
      )}
    />
  )
}

export function CameraControl({ round }: { round?: boolean }) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const state = useStore(call, (snapshot) => snapshot.local.camera.state)
  const allowed = useStore(call, (snapshot) => snapshot.permissions.publishCamera)
  const on = state === 'on' || state === 'starting'
  return (
    <ControlButton
      icon={on ? 'cam' : 'cam-off'}
      label={allowed ? (on ? t('bar.stopCamera') : t('bar.startCamera')) : t('bar.noCamera')}
      shortcut="V"
      tone={on ? undefined : 'off'}
      part={round ? undefined : 'main'}
      round={round}
      disabled={!allowed}
      aria-busy={state === 'starting'}
      onClick={() => call.toggleCamera()}
    />
  )
}

export function CameraMenu() {
  const { t } = useTranslation('stage')
  const { call, devices } = useStage()
  const local = useStore(call, (snapshot) => snapshot.local, sameDevices)
  return (
    <MenuButton
      label={t('bar.cameraMenu')}
      entries={cameraEntries(local, devices, t)}
      trigger={(trigger) => <ControlButton icon="up" part="caret" label={t('bar.cameraMenu')} {...trigger} />}
    />
  )
}

export function microphoneEntries(
  local: LocalMedia,
  devices: StageDevices,
  t: TFunction<'stage'>,
): MenuEntry[] {
  return [
    { kind: 'heading', key: 'microphones', label: t('device.microphone') },
    ...deviceEntries(
      local.devices.microphones,
      local.selected.microphoneId,
      t,
      (id) => void devices.selectMicrophone(id),
    ),
    { kind: 'custom', key: 'level', content: () => <OwnLevel /> },
  ]
}

export function speakerEntries(local: LocalMedia, devices: StageDevices, t: TFunction<'stage'>): MenuEntry[] {
  const test: MenuEntry = {
    key: 'test',
    icon: 'play',
    label: t('device.testSpeaker'),
    onSelect: () => void devices.testSpeaker(),
  }
  if (!local.canSelectSpeaker) return [{ kind: 'line', key: 'line' }, test]
  return [
    { kind: 'line', key: 'line' },
    { kind: 'heading', key: 'speakers', label: t('device.speaker') },
    ...deviceEntries(
      local.devices.speakers,
      local.selected.speakerId,
      t,
      (id) => void devices.selectSpeaker(id),
    ),
    test,
  ]
}

export function cameraEntries(local: LocalMedia, devices: StageDevices, t: TFunction<'stage'>): MenuEntry[] {
  return [
    { kind: 'heading', key: 'cameras', label: t('device.camera') },
    ...deviceEntries(
      local.devices.cameras,
      local.selected.cameraId,
      t,
      (id) => void devices.selectCamera(id),
    ),
  ]
}

function deviceEntries(
  list: ReadonlyArray<MediaDeviceInfo>,
  selected: string | undefined,
  t: TFunction<'stage'>,
  onSelect: (id: string) => void,
): MenuEntry[] {
  if (list.length === 0)
    return [{ key: 'none', label: t('device.none'), disabled: true, onSelect: () => undefined }]
  const known = list.some((device) => device.deviceId === selected)
  return list.map((device, index) => ({
    kind: 'radio',
    key: `${device.kind}:${device.deviceId}:${index}`,
    label: device.label || t('device.unnamed', { number: index + 1 }),
    checked: known ? device.deviceId === selected : index === 0,
    onSelect: () => onSelect(device.deviceId),
  }))
}

/** One's own loudness, drawn again ten times a second without the menu around it. */
function OwnLevel() {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const level = useStore(call, (snapshot) =>
    snapshot.local.microphone.state === 'on' ? snapshot.local.level : 0,
  )
  return <LevelMeter level={level} label={t('device.level')} />
}

function sameDevices(a: LocalMedia, b: LocalMedia): boolean {
  return a.devices === b.devices && a.selected === b.selected && a.canSelectSpeaker === b.canSelectSpeaker
}
