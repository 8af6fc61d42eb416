import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { CallNotice, LocalMedia } from '@/core/meeting/state'
import { errorText } from '@/ui/errorText'
import { Icon } from '@/ui/Icon'
import { IconButton } from '@/ui/stage/IconButton'
import { Note, NoteButton } from '@/ui/stage/Note'
import { useQualityWords } from '@/ui/stage/useQualityWords'
import { useStore } from '@/ui/useStore'
import { type StageCall, type StageDevices, useStage } from '../stageCall'
import { AloneRow } from './AloneRow'
import { DeviceTroubleRow } from './DeviceTroubleRow'
import styles from './Notices.module.css'

const shownAtOnce = { phone: 1, desktop: 2 }

/** What this person should know, in rows between the pictures and the bar, most urgent first. */
export function Notices({ phone, meetingUrl }: { phone: boolean; meetingUrl: string }) {
  const { call } = useStage()
  const phase = useStore(call, (snapshot) => snapshot.call.phase)
  const audioBlocked = useStore(call, (snapshot) => snapshot.audioBlocked)
  const notices = useStore(call, (snapshot) => snapshot.notices)
  const sharing = useStore(call, (snapshot) => snapshot.local.sharing !== null)
  const shown = [...notices]
    .sort((a, b) => urgency(b) - urgency(a))
    .slice(0, phone ? shownAtOnce.phone : shownAtOnce.desktop)
  return (
    <div className={styles.notices}>
      {phase === 'reconnecting' && <Reconnecting />}
      {audioBlocked && <AudioBlocked />}
      {shown.map((notice) => (
        <NoticeRow key={notice.key} notice={notice} />
      ))}
      <DeviceTroubleRow />
      {phase === 'joined' && shown.length === 0 && <AloneRow meetingUrl={meetingUrl} />}
      {sharing && <SharingRow phone={phone} />}
      {phone && shown.length === 0 && phase === 'joined' && !audioBlocked && !sharing && <MutedRow />}
    </div>
  )
}

function urgency(notice: CallNotice): number {
  switch (notice.kind) {
    case 'askedToUnmute':
    case 'askedToStartCamera':
      return 5
    case 'speakingWhileMuted':
      return 4
    case 'error':
    case 'deviceLost':
      return 3
    case 'weakConnection':
      return 2
    default:
      return 1
  }
}

function Reconnecting() {
  const { t } = useTranslation('stage')
  return (
    <Note icon="weak" tone="warn" title={t('notice.reconnecting')} detail={t('notice.reconnectingDetail')} />
  )
}

function AudioBlocked() {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  return (
    <Note icon="volume" tone="light" title={t('notice.audioBlocked')} urgent>
      <NoteButton strong onClick={() => void call.resumeAudio()}>
        {t('notice.hear')}
      </NoteButton>
    </Note>
  )
}

/** On a phone one cannot see one's own microphone at a glance: it is said in words. */
function MutedRow() {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const muted = useStore(call, (snapshot) => snapshot.local.microphone.state === 'muted')
  const allowed = useStore(call, (snapshot) => snapshot.permissions.publishMicrophone)
  if (!muted || !allowed) return null
  return (
    <Note icon="mic-off" tone="light" title={t('notice.muted')}>
      <NoteButton strong onClick={() => call.setMicrophone(true)}>
        {t('bar.unmute')}
      </NoteButton>
    </Note>
  )
}

function SharingRow({ phone }: { phone: boolean }) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const hint = useStore(call, (snapshot) => snapshot.local.sharing?.hint)
  const sound = useStore(call, (snapshot) => snapshot.local.sharing?.hasAudio ?? false)
  const other = hint === 'text' ? 'motion' : 'text'
  return (
    <Note
      icon="screen"
      tone="plain"
      title={sound ? t('notice.sharingSound') : t('notice.sharing')}
      detail={hint && t(`hint.${hint}Why`)}
    >
      {!phone && hint && <NoteButton onClick={() => call.setHint(other)}>{t(`hint.${other}Use`)}</NoteButton>}
      <button type="button" className={styles.stop} onClick={() => call.stopShare()}>
        {t('bar.stopShare')}
      </button>
    </Note>
  )
}

function NoticeRow({ notice }: { notice: CallNotice }) {
  const { t } = useTranslation('stage')
  const { call, devices } = useStage()
  const by = useStore(call, (snapshot) => snapshot.participants.find((one) => one.id === notice.by)?.name)
  const { own } = useQualityWords()
  const works = useStore(call, (snapshot) => isWorking(snapshot.local, notice.device?.kind))
  const look = noticeLook(notice, by ?? t('notice.host'), works, own, t)
  const done = () => call.dismissNotice(notice.key)
  const acts = noticeActs(notice, call, devices, t)
  return (
    <Note {...look}>
      {acts.map((act) => (
        <NoteButton
          key={act.label}
          strong={act.strong}
          onClick={() => {
            act.run()
            done()
          }}
        >
          {act.label}
        </NoteButton>
      ))}
      {acts.every((act) => act.strong) && (
        <IconButton label={t('dismiss')} className={styles.close} onClick={done}>
          <Icon name="x" size={16} />
        </IconButton>
      )}
    </Note>
  )
}

/** Whether another device took the place of one that is gone. */
function isWorking(local: LocalMedia, kind: MediaDeviceKind | undefined): boolean {
  const device = kind === 'videoinput' ? local.camera : local.microphone
  return kind === 'audiooutput' || device.state !== 'failed'
}

function noticeLook(
  notice: CallNotice,
  by: string,
  works: boolean,
  why: (reason: string | undefined) => string,
  t: TFunction<'stage'>,
) {
  switch (notice.kind) {
    case 'weakConnection':
      return {
        icon: 'weak',
        tone: 'warn',
        title: why(notice.code),
        ...(notice.code?.startsWith('uplink') ? { detail: t('notice.weakDetail') } : {}),
      } as const
    case 'mutedByHost':
      return { icon: 'mic-off', tone: 'light', title: t('notice.mutedBy', { name: by }) } as const
    case 'cameraStoppedByHost':
      return { icon: 'cam-off', tone: 'light', title: t('notice.cameraBy', { name: by }) } as const
    case 'shareStoppedByHost':
      return { icon: 'screen', tone: 'light', title: t('notice.shareBy', { name: by }) } as const
    case 'askedToUnmute':
      return { icon: 'mic', tone: 'light', title: t('notice.askUnmute', { name: by }), urgent: true } as const
    case 'askedToStartCamera':
      return { icon: 'cam', tone: 'light', title: t('notice.askCamera', { name: by }), urgent: true } as const
    case 'speakingWhileMuted':
      return { icon: 'mic-off', tone: 'light', title: t('notice.speakingMuted') } as const
    case 'deviceLost':
      return {
        icon: 'info',
        tone: 'warn',
        title: t('notice.deviceLost', { device: notice.device?.label ?? '' }),
        detail: works ? t('notice.deviceOther') : t('notice.deviceNone'),
      } as const
    case 'deviceNew':
      return {
        icon: 'info',
        tone: 'plain',
        title: t('notice.deviceNew', { device: notice.device?.label ?? '' }),
      } as const
    case 'youAreHost':
      return {
        icon: 'star',
        tone: 'plain',
        title: t('notice.youAreHost'),
        detail: t('notice.hostDetail'),
      } as const
    case 'error':
      return {
        icon: 'info',
        tone: 'warn',
        title: errorText({ code: notice.code ?? 'internal' }),
        urgent: true,
      } as const
  }
}

interface Act {
  label: string
  strong?: boolean
  run: () => void
}

function noticeActs(
  notice: CallNotice,
  call: StageCall,
  devices: StageDevices,
  t: TFunction<'stage'>,
): Act[] {
  const unmute = { label: t('bar.unmute'), strong: true, run: () => call.setMicrophone(true) }
  switch (notice.kind) {
    case 'askedToUnmute':
      return [{ label: t('notice.notNow'), run: () => undefined }, unmute]
    case 'askedToStartCamera':
      return [
        { label: t('notice.notNow'), run: () => undefined },
        { label: t('bar.startCamera'), strong: true, run: () => call.setCamera(true) },
      ]
    case 'speakingWhileMuted':
    case 'mutedByHost':
      return [unmute]
    case 'weakConnection': {
      const helps = notice.code === 'cpu' || notice.code?.startsWith('uplink')
      const on = helps && call.getSnapshot().local.camera.state === 'on'
      return on ? [{ label: t('bar.stopCamera'), strong: true, run: () => call.setCamera(false) }] : []
    }
    case 'deviceNew': {
      const device = notice.device
      return device
        ? [{ label: t('notice.useDevice'), strong: true, run: () => switchTo(device, devices) }]
        : []
    }
    default:
      return []
  }
}

function switchTo(device: { id: string; kind: MediaDeviceKind }, devices: StageDevices): void {
  switch (device.kind) {
    case 'audioinput':
      void devices.selectMicrophone(device.id)
      break
    case 'videoinput':
      void devices.selectCamera(device.id)
      break
    case 'audiooutput':
      void devices.selectSpeaker(device.id)
      break
  }
}
