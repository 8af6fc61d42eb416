import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallSnapshot, ParticipantView } from '@/core/meeting/state'
import { copyText } from '@/ui/copy'
import { Icon } from '@/ui/Icon'
import { Panel } from '@/ui/stage/Panel'
import { toast } from '@/ui/Toast'
import { useStore } from '@/ui/useStore'
import { HandsBlock } from './HandsBlock'
import { LobbyBlock } from './LobbyBlock'
import { listOrder, matches } from './order'
import styles from './PeoplePanel.module.css'
import { PersonRow } from './PersonRow'
import type { PeopleCall } from './peopleCall'

interface PeoplePanelProps {
  call: PeopleCall
  meetingUrl: string
  pinnedId: string | null
  onPin: (participantId: string | null) => void
  onClose: () => void
}

/** Who waits, who raised a hand, who is here, and what may be done about each. */
export function PeoplePanel({ call, meetingUrl, pinnedId, onPin, onClose }: PeoplePanelProps) {
  const { t, i18n } = useTranslation('people')
  const participants = useStore(call, (snapshot) => snapshot.participants)
  const permissions = useStore(call, (snapshot) => snapshot.permissions)
  const sharing = useStore(call, sharersOf, sameSet)
  const [query, setQuery] = useState('')
  const shown = listOrder(
    participants.filter((one) => matches(one.name, query)),
    i18n.language,
  )
  return (
    <Panel
      title={t('title')}
      count={participants.length}
      onClose={onClose}
      footer={permissions.moderate || permissions.changeSettings ? <HostFooter call={call} /> : undefined}
    >
      <label className={styles.search}>
        <Icon name="search" size={16} />
        <input
          type="search"
          value={query}
          placeholder={t('search')}
          aria-label={t('search')}
          onChange={(event) => setQuery(event.target.value)}
        />
      </label>
      <div className={styles.scroll}>
        {permissions.admit && <LobbyBlock call={call} />}
        <HandsBlock call={call} />
        <div className={styles.section}>
          <h3>{t('inMeeting', { people: participants.length })}</h3>
          <CopyLink meetingUrl={meetingUrl} />
        </div>
        <ul className={styles.list} aria-label={t('title')}>
          {shown.map((one) => (
            <PersonRow
              key={one.id}
              call={call}
              person={one}
              sharing={sharing.has(one.id)}
              pinned={pinnedId === one.id}
              onPin={onPin}
            />
          ))}
        </ul>
        {shown.length === 0 && <p className={styles.nobody}>{t('nobody', { query })}</p>}
      </div>
    </Panel>
  )
}

function sharersOf(snapshot: CallSnapshot): ReadonlySet<ParticipantView['id']> {
  return new Set(snapshot.shares.map((share) => share.participantId))
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item))
}

function CopyLink({ meetingUrl }: { meetingUrl: string }) {
  const { t } = useTranslation('people')
  const copy = async () => {
    if (await copyText(meetingUrl)) toast.done(t('copied'))
  }
  return (
    <button type="button" onClick={() => void copy()}>
      {t('copyLink')}
    </button>
  )
}

function HostFooter({ call }: { call: PeopleCall }) {
  const { t } = useTranslation('people')
  const permissions = useStore(call, (snapshot) => snapshot.permissions)
  const locked = useStore(call, (snapshot) => snapshot.meeting?.locked ?? false)
  return (
    <>
      {permissions.moderate && (
        <button type="button" className={styles.wide} onClick={() => call.muteAll()}>
          <Icon name="mic-off" size={16} />
          {t('muteAll')}
        </button>
      )}
      {permissions.changeSettings && (
        <button
          type="button"
          className={styles.wide}
          aria-pressed={locked}
          onClick={() => call.updateSettings({ locked: !locked })}
        >
          <Icon name="lock" size={16} />
          {locked ? t('unlock') : t('lock')}
        </button>
      )}
    </>
  )
}
