import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '@/ui/Icon'
import { cx } from '@/ui/stage/cx'
import { Confirm } from '@/ui/stage/Dialog'
import { MenuButton, type MenuEntry } from '@/ui/stage/Menu'
import { useStore } from '@/ui/useStore'
import { useStage } from '../stageCall'
import styles from './Bar.module.css'

/** Leave; who may end the meeting is asked which of the two. */
export function LeaveControl({ round }: { round?: boolean }) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const mayEnd = useStore(call, (snapshot) => snapshot.permissions.end)
  const [ending, setEnding] = useState(false)
  const look = cx(styles.leave, round && styles.hang)
  const face = (
    <>
      <Icon name="leave" size={round ? 24 : 20} />
      {!round && t('bar.leave')}
    </>
  )
  if (!mayEnd) {
    return (
      <button
        type="button"
        className={look}
        aria-label={round ? t('bar.leave') : undefined}
        onClick={() => call.leave()}
      >
        {face}
      </button>
    )
  }
  const entries: MenuEntry[] = [
    {
      key: 'leave',
      icon: 'leave',
      label: t('leave.self'),
      detail: t('leave.selfDetail'),
      onSelect: () => call.leave(),
    },
    { key: 'end', icon: 'x', label: t('leave.all'), danger: true, onSelect: () => setEnding(true) },
  ]
  return (
    <>
      <MenuButton
        label={t('bar.leave')}
        align="end"
        entries={entries}
        trigger={(trigger) => (
          <button type="button" className={look} aria-label={round ? t('bar.leave') : undefined} {...trigger}>
            {face}
          </button>
        )}
      />
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
    </>
  )
}
