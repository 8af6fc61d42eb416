import { useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LocalMedia } from '@/core/meeting/state'
import { Icon, type IconName } from '@/ui/Icon'
import { cx } from '@/ui/stage/cx'
import { LevelMeter } from '@/ui/stage/LevelMeter'
import { useStore } from '@/ui/useStore'
import styles from './PreJoin.module.css'
import type { PreJoinMedia } from './prejoinMedia'

/** Which microphone, speaker and camera; whether one is heard; whether one hears. */
export function Devices({ media, phone }: { media: PreJoinMedia; phone: boolean }) {
  const { t } = useTranslation('prejoin')
  const local = useStore(media, (snapshot) => snapshot, sameDevices)
  const { devices, selected, canSelectSpeaker } = local
  return (
    <div className={phone ? styles.rows : styles.devices}>
      <div>
        <Picker
          icon="mic"
          label={t('microphone')}
          phone={phone}
          list={devices.microphones}
          selected={selected.microphoneId}
          onSelect={(id) => void media.selectMicrophone(id)}
        >
          {phone && <Level media={media} phone />}
        </Picker>
        {!phone && <Level media={media} />}
      </div>
      <div>
        <Picker
          icon="volume"
          label={t('speaker')}
          phone={phone}
          list={canSelectSpeaker ? devices.speakers : []}
          selected={selected.speakerId}
          onSelect={(id) => void media.selectSpeaker(id)}
        >
          {phone && <TestSound media={media} />}
        </Picker>
        {!phone && (
          <div className={styles.below}>
            <TestSound media={media} />
          </div>
        )}
      </div>
      {!phone && (
        <div>
          <Picker
            icon="cam"
            label={t('camera')}
            phone={false}
            list={devices.cameras}
            selected={selected.cameraId}
            onSelect={(id) => void media.selectCamera(id)}
          />
        </div>
      )}
    </div>
  )
}

function sameDevices(a: LocalMedia, b: LocalMedia): boolean {
  return a.devices === b.devices && a.selected === b.selected && a.canSelectSpeaker === b.canSelectSpeaker
}

interface PickerProps {
  icon: IconName
  label: string
  phone: boolean
  list: ReadonlyArray<MediaDeviceInfo>
  selected: string | undefined
  onSelect: (id: string) => void
  children?: React.ReactNode
}

function Picker({ icon, label, phone, list, selected, onSelect, children }: PickerProps) {
  const { t } = useTranslation('prejoin')
  const id = useId()
  const named = list.filter((device) => device.label !== '')
  const current = named.find((device) => device.deviceId === selected) ?? named[0]
  const select = (
    <select
      id={id}
      aria-label={phone ? label : undefined}
      value={current?.deviceId ?? ''}
      disabled={named.length === 0}
      onChange={(event) => onSelect(event.target.value)}
    >
      {named.length === 0 && <option value="">{phone ? label : t('systemDefault')}</option>}
      {named.map((device) => (
        <option key={device.deviceId} value={device.deviceId}>
          {device.label}
        </option>
      ))}
    </select>
  )
  if (phone) {
    return (
      <div className={styles.row}>
        <Icon name={icon} />
        <div className={styles.choice}>{select}</div>
        {children}
        {named.length > 0 && <Icon name="right" size={16} />}
      </div>
    )
  }
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className={cx('input', styles.picker)}>
        <Icon name={icon} size={16} />
        {select}
        <Icon name="down" size={14} />
      </div>
    </div>
  )
}

const heardLevel = 0.12
const heardMs = 4000

/** The meter, and in words whether one is heard. */
function Level({ media, phone }: { media: PreJoinMedia; phone?: boolean }) {
  const { t } = useTranslation('prejoin')
  const level = useStore(media, (local) => Math.round(local.level * 12) / 12)
  const on = useStore(media, (local) => local.microphone.state === 'on')
  const heard = useHeard(level)
  const meter = <LevelMeter level={on ? level : 0} label={t('level')} steps={phone ? 9 : 12} tall={phone} />
  if (phone) return meter
  return (
    <div className={styles.below}>
      {meter}
      <span role="status">{!on ? t('microphoneOff') : heard ? t('heard') : t('saySomething')}</span>
    </div>
  )
}

function useHeard(level: number): boolean {
  const [heard, setHeard] = useState(false)
  const loud = level >= heardLevel
  useEffect(() => {
    if (loud) setHeard(true)
    if (loud) return
    const timer = window.setTimeout(() => setHeard(false), heardMs)
    return () => window.clearTimeout(timer)
  }, [loud])
  return heard
}

function TestSound({ media }: { media: PreJoinMedia }) {
  const { t } = useTranslation('prejoin')
  const [playing, setPlaying] = useState(false)
  const play = async () => {
    setPlaying(true)
    await media.testSpeaker().catch(() => undefined)
    setPlaying(false)
  }
  return (
    <button type="button" className={styles.test} aria-busy={playing} onClick={() => void play()}>
      <Icon name={playing ? 'volume' : 'play'} size={14} />
      {playing ? t('testing') : t('test')}
    </button>
  )
}
