import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DeviceState } from '@/core/meeting/state'
import { Icon } from '@/ui/Icon'
import { IconButton } from '@/ui/stage/IconButton'
import { Note, NoteButton } from '@/ui/stage/Note'
import { useStore } from '@/ui/useStore'
import { useStage } from '../stageCall'
import styles from './Notices.module.css'

/** Devices that do not open: what happened, and another try. Both at once for the same reason take one row. */
export function DeviceTroubleRow() {
  const { call } = useStage()
  const microphone = useStore(call, (snapshot) => snapshot.local.microphone)
  const camera = useStore(call, (snapshot) => snapshot.local.camera)
  const hear = () => call.setMicrophone(true)
  const see = () => call.setCamera(true)
  if (microphone.state === 'failed' && camera.state === 'failed' && microphone.why === camera.why) {
    const retry = () => {
      hear()
      see()
    }
    return <Trouble key="both" device="both" state={microphone} onRetry={retry} />
  }
  return (
    <>
      <Trouble device="microphone" state={microphone} onRetry={hear} />
      <Trouble device="camera" state={camera} onRetry={see} />
    </>
  )
}

interface TroubleProps {
  device: 'microphone' | 'camera' | 'both'
  state: DeviceState
  onRetry: () => void
}

function Trouble({ device, state, onRetry }: TroubleProps) {
  const { t } = useTranslation('stage')
  const [dismissed, setDismissed] = useState<DeviceState | null>(null)
  if (state.state !== 'failed' || dismissed === state) return null
  return (
    <Note
      icon={device === 'camera' ? 'cam-off' : 'mic-off'}
      tone="warn"
      title={t(`trouble.${device}`)}
      detail={t(`trouble.${state.why}`)}
    >
      <NoteButton strong onClick={onRetry}>
        {t('trouble.again')}
      </NoteButton>
      <IconButton label={t('dismiss')} className={styles.close} onClick={() => setDismissed(state)}>
        <Icon name="x" size={16} />
      </IconButton>
    </Note>
  )
}
