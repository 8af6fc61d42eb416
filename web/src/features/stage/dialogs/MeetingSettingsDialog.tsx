import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Confirm, Dialog } from '@/ui/stage/Dialog'
import { useStore } from '@/ui/useStore'
import { useStage } from '../stageCall'
import styles from './Dialogs.module.css'

/** What a host may change while the meeting runs; each change counts at once, for all. */
export function MeetingSettingsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const meeting = useStore(call, (snapshot) => snapshot.meeting)
  const permissions = useStore(call, (snapshot) => snapshot.permissions)
  const [ending, setEnding] = useState(false)
  if (!meeting) return null
  return (
    <Dialog title={t('more.settings')} onClose={onClose}>
      <div className={styles.settings}>
        <Switch
          label={t('setting.lobby')}
          detail={t('setting.lobbyDetail')}
          on={meeting.lobby}
          onChange={(lobby) => call.updateSettings({ lobby })}
        />
        <Switch
          label={t('setting.locked')}
          detail={t('setting.lockedDetail')}
          on={meeting.locked}
          onChange={(locked) => call.updateSettings({ locked })}
        />
        <Switch
          label={t('setting.guests')}
          detail={t('setting.guestsDetail')}
          on={meeting.guestsAllowed}
          onChange={(guestsAllowed) => call.updateSettings({ guestsAllowed })}
        />
        <Switch
          label={t('setting.share')}
          detail={t('setting.shareDetail')}
          on={meeting.whoMayShare === 'everyone'}
          onChange={(on) => call.updateSettings({ whoMayShare: on ? 'everyone' : 'hosts' })}
        />
        <Switch
          label={t('setting.draw')}
          detail={t('setting.drawDetail')}
          on={meeting.whoMayDraw === 'everyone'}
          onChange={(on) => call.updateSettings({ whoMayDraw: on ? 'everyone' : 'hosts' })}
        />
        <Switch
          label={t('setting.chat')}
          detail={t('setting.chatDetail')}
          on={meeting.chatAllowed}
          onChange={(chatAllowed) => call.updateSettings({ chatAllowed })}
        />
      </div>
      {permissions.end && (
        <button type="button" className={styles.end} onClick={() => setEnding(true)}>
          {t('leave.all')}
        </button>
      )}
      {ending && (
        <Confirm
          title={t('leave.allTitle')}
          text={t('leave.allText')}
          action={t('leave.all')}
          cancel={t('cancel')}
          onConfirm={() => call.endForAll()}
          onClose={() => setEnding(false)}
        />
      )}
    </Dialog>
  )
}

interface SwitchProps {
  label: string
  detail: string
  on: boolean
  onChange: (on: boolean) => void
}

function Switch({ label, detail, on, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      className={styles.switch}
      onClick={() => onChange(!on)}
    >
      <span>
        {label}
        <small>{detail}</small>
      </span>
      <i aria-hidden="true" />
    </button>
  )
}
