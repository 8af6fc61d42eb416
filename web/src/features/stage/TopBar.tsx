import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon, type IconName } from '@/ui/Icon'
import { IconButton } from '@/ui/stage/IconButton'
import { useStore } from '@/ui/useStore'
import { elapsed } from './elapsed'
import type { View, ViewWish } from './layout/view'
import { useStage } from './stageCall'
import styles from './TopBar.module.css'
import { toggleFullScreen, useFullScreen } from './useFullScreen'

interface TopBarProps {
  view: View
  onWish: (wish: ViewWish) => void
}

/** Title, lock and time on the left; how the meeting is shown on the right. */
export function TopBar({ view, onWish }: TopBarProps) {
  const { t } = useTranslation(['stage', 'boards'])
  const { call } = useStage()
  const full = useFullScreen()
  const shared = useStore(call, (snapshot) => snapshot.shares.length > 0)
  const drawn = useStore(call, (snapshot) => (snapshot.meeting?.boards.length ?? 0) > 0)
  return (
    <header className={styles.top}>
      <Title />
      <span className={styles.grow} />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
      <div className={styles.views} role="group" aria-label={t('view.label')}>
        {shared && (
          <Choice
            icon="screen"
            label={t('view.presentation')}
            pressed={view.kind === 'presentation'}
            onClick={() => onWish('presentation')}
          />
        )}
        {drawn && (
          <Choice
            icon="board"
            label={t('boards:stage.view')}
            pressed={view.kind === 'board'}
            onClick={() => onWish('board')}
          />
        )}
        <Choice
          icon="grid"
          label={t('view.gallery')}
          pressed={view.kind === 'gallery'}
          onClick={() => onWish('gallery')}
        />
        {((!shared && !drawn) || view.kind === 'speaker') && (
          <Choice
            icon="speaker"
            label={t('view.speaker')}
            pressed={view.kind === 'speaker'}
            onClick={() => onWish('speaker')}
          />
        )}
      </div>
      {document.fullscreenEnabled && (
        <IconButton
          label={full ? t('view.exitFull') : t('view.full')}
          tip={{ side: 'bottom', align: 'end' }}
          onClick={() => void toggleFullScreen(document.documentElement)}
        >
          <Icon name="full" size={20} />
        </IconButton>
      )}
    </header>
  )
}

function Choice({
  icon,
  label,
  pressed,
  onClick,
}: {
  icon: IconName
  label: string
  pressed: boolean
  onClick: () => void
}) {
  return (
    <button type="button" aria-pressed={pressed} onClick={onClick}>
      <Icon name={icon} size={16} />
      {label}
    </button>
  )
}

function Title() {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const title = useStore(call, (snapshot) => snapshot.meeting?.title ?? '')
  const locked = useStore(call, (snapshot) => snapshot.meeting?.locked ?? false)
  return (
    <>
      <h1 className={styles.title}>{title}</h1>
      <span className={styles.meta}>
        {locked && (
          <span role="img" aria-label={t('locked')} title={t('locked')} className={styles.lock}>
            <Icon name="lock" size={14} />
          </span>
        )}
        <Elapsed />
      </span>
    </>
  )
}

/** Time since the meeting began, by the server's clock. */
function Elapsed() {
  const { call } = useStage()
  const startedAt = useStore(call, (snapshot) => snapshot.meeting?.startedAt ?? 0)
  const offset = useStore(call, (snapshot) => snapshot.serverOffsetMs)
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000)
    return () => window.clearInterval(timer)
  }, [])
  if (startedAt === 0) return null
  return <time>{elapsed(now + offset - startedAt)}</time>
}

interface PhoneTopProps {
  onPeople: () => void
}

/** The header of a phone: title and time, sound, the other camera, people. */
export function PhoneTop({ onPeople }: PhoneTopProps) {
  const { t } = useTranslation('stage')
  const { call, devices } = useStage()
  const people = useStore(call, (snapshot) => snapshot.participants.length)
  const waiting = useStore(call, (snapshot) => snapshot.lobby.length)
  const cameras = useStore(call, (snapshot) => snapshot.local.devices.cameras.length)
  const cameraOn = useStore(call, (snapshot) => snapshot.local.camera.state === 'on')
  return (
    <header className={styles.phone}>
      <div className={styles.phoneTitle}>
        <Title />
      </div>
      {cameras > 1 && (
        <IconButton label={t('bar.flip')} disabled={!cameraOn} onClick={() => void devices.flipCamera()}>
          <Icon name="flip" size={20} />
        </IconButton>
      )}
      <IconButton
        label={waiting > 0 ? t('bar.peopleWaiting', { people, waiting }) : t('bar.people', { people })}
        onClick={onPeople}
      >
        <Icon name="people" size={20} />
        {waiting > 0 && (
          <span className={styles.badge} aria-hidden="true">
            {waiting}
          </span>
        )}
      </IconButton>
    </header>
  )
}
