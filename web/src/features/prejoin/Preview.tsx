import { useTranslation } from 'react-i18next'
import { Icon } from '@/ui/Icon'
import { identityColour, initials } from '@/ui/initials'
import { ControlButton } from '@/ui/stage/ControlButton'
import { cx } from '@/ui/stage/cx'
import { Video } from '@/ui/stage/Video'
import { useStore } from '@/ui/useStore'
import styles from './PreJoin.module.css'
import type { PreJoinMedia } from './prejoinMedia'

interface PreviewProps {
  media: PreJoinMedia
  name: string
  identity: string
  avatarUrl?: string
  phone: boolean
  onToggle: (kind: 'microphone' | 'camera', on: boolean) => void
}

/** Oneself as the others will see one, as in a mirror, with the two switches. */
export function Preview({ media, name, identity, avatarUrl, phone, onToggle }: PreviewProps) {
  const { t } = useTranslation('prejoin')
  const stream = useStore(media, (local) => local.cameraStream)
  const camera = useStore(media, (local) => local.camera.state)
  const microphone = useStore(media, (local) => local.microphone.state)
  const mirrored = useStore(media, (local) => local.mirrored)
  const cameras = useStore(media, (local) => local.devices.cameras.length)
  const [micOn, camOn] = [isOn(microphone), isOn(camera)]
  return (
    <div className={cx('stage', styles.preview)} data-theme="dark">
      {stream && camera === 'on' ? (
        <Video stream={stream} publicationId="preview" mirrored={mirrored} fit="cover" />
      ) : (
        <div className={styles.dark}>
          <span className={cx(styles.face, `c${identityColour(identity)}`)} aria-hidden="true">
            {avatarUrl ? (
              <img src={avatarUrl} alt="" />
            ) : name.trim() === '' ? (
              <Icon name="user" size={24} />
            ) : (
              initials(name)
            )}
          </span>
          <p role="status">
            {camera === 'starting'
              ? t('preview.starting')
              : camera === 'failed'
                ? t('preview.failed')
                : t('preview.off')}
          </p>
        </div>
      )}
      {name.trim() !== '' && (
        <div className={styles.name}>
          <span>{name}</span>
        </div>
      )}
      <div className={styles.switches}>
        <ControlButton
          icon={micOn ? 'mic' : 'mic-off'}
          label={micOn ? t('mute') : t('unmute')}
          shortcut={phone ? undefined : 'M'}
          tone={micOn ? undefined : 'off'}
          round={phone}
          onClick={() => onToggle('microphone', !micOn)}
        />
        <ControlButton
          icon={camOn ? 'cam' : 'cam-off'}
          label={camOn ? t('stopCamera') : t('startCamera')}
          shortcut={phone ? undefined : 'V'}
          tone={camOn ? undefined : 'off'}
          round={phone}
          onClick={() => onToggle('camera', !camOn)}
        />
        {phone && cameras > 1 && (
          <ControlButton
            icon="flip"
            label={t('flip')}
            round
            disabled={!camOn}
            onClick={() => void media.flipCamera()}
          />
        )}
      </div>
    </div>
  )
}

export function isOn(state: string): boolean {
  return state === 'on' || state === 'starting'
}
