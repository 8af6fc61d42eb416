import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ParticipantView } from '@/core/meeting/state'
import { Avatar } from '@/ui/Avatar'
import { Icon } from '@/ui/Icon'
import { cx } from '@/ui/stage/cx'
import { Confirm } from '@/ui/stage/Dialog'
import { IconButton } from '@/ui/stage/IconButton'
import { MenuButton } from '@/ui/stage/Menu'
import { QualityBars } from '@/ui/stage/QualityBars'
import { useQualityWords } from '@/ui/stage/useQualityWords'
import { toast } from '@/ui/Toast'
import { useStore } from '@/ui/useStore'
import styles from './PeoplePanel.module.css'
import type { PeopleCall } from './peopleCall'
import { personEntries } from './personEntries'

interface PersonRowProps {
  call: PeopleCall
  person: ParticipantView
  sharing: boolean
  pinned: boolean
  onPin: (participantId: string | null) => void
}

/** One person: role and state in words, sound, and a menu with what may be done. */
export function PersonRow({ call, person, sharing, pinned, onPin }: PersonRowProps) {
  const { t } = useTranslation('people')
  const permissions = useStore(call, (snapshot) => snapshot.permissions)
  const spotlit = useStore(call, (snapshot) => snapshot.meeting?.spotlightId === person.id)
  const [asking, setAsking] = useState<'remove' | 'transfer' | null>(null)
  const [renaming, setRenaming] = useState(false)
  const more = t('moreName', { name: person.name })
  const entries = () =>
    personEntries({
      person,
      permissions,
      sharing,
      pinned,
      spotlit,
      call,
      onPin,
      t,
      onRename: () => setRenaming(true),
      onAsk: setAsking,
    })
  return (
    <li className={styles.row} data-participant-row={person.id}>
      <Avatar name={person.name} id={person.userId ?? person.id} url={person.avatarUrl} size={32} />
      {renaming ? (
        <Rename name={person.name} call={call} onDone={() => setRenaming(false)} />
      ) : (
        <>
          <span className={styles.text}>
            <span>{person.isSelf ? t('you', { name: person.name }) : person.name}</span>
            <State person={person} sharing={sharing} />
          </span>
          {person.kind !== 'viewer' && <Sound person={person} />}
          <MenuButton
            label={more}
            side="bottom"
            align="end"
            entries={entries}
            trigger={(trigger) => (
              <IconButton label={more} {...trigger}>
                <Icon name="more" size={20} />
              </IconButton>
            )}
          />
        </>
      )}
      {asking === 'remove' && (
        <Confirm
          title={t('removeTitle', { name: person.name })}
          text={t('removeText')}
          action={t('remove')}
          cancel={t('cancel')}
          onConfirm={() => call.remove(person.id)}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'transfer' && (
        <Confirm
          title={t('transferTitle', { name: person.name })}
          text={t('transferText')}
          action={t('transfer')}
          cancel={t('cancel')}
          onConfirm={() => call.transferHost(person.id)}
          onClose={() => setAsking(null)}
        />
      )}
    </li>
  )
}

function State({ person, sharing }: { person: ParticipantView; sharing: boolean }) {
  const { t } = useTranslation('people')
  const quality = useQualityWords()
  const words = [
    person.kind ? t(`kind.${person.kind}`) : false,
    person.role !== 'participant' && t(`role.${person.role}`),
    person.connection === 'reconnecting' && t('state.reconnecting'),
    person.connection === 'connected' && person.speaking && t('state.speaking'),
    sharing && t('state.sharing'),
  ].filter((word) => word !== false)
  const weak = person.connection === 'connected' && person.quality.level !== 'good'
  return (
    <>
      {words.length > 0 && <small>{words.join(' · ')}</small>}
      {weak && (
        <small className={styles.weak}>
          <QualityBars level={person.quality.level} />
          {person.isSelf
            ? quality.own(person.quality.reason)
            : quality.of(person.name, person.quality.reason)}
        </small>
      )}
    </>
  )
}

function Sound({ person }: { person: ParticipantView }) {
  const { t } = useTranslation('people')
  const muted = !person.microphone || person.microphone.muted
  const speaking = !muted && person.speaking
  const label = muted ? t('sound.muted') : speaking ? t('sound.speaking') : t('sound.on')
  return (
    <span
      className={cx(styles.sound, muted && styles.off, speaking && styles.talk)}
      role="img"
      aria-label={label}
    >
      <Icon name={muted ? 'mic-off' : 'mic'} size={20} />
    </span>
  )
}

const maxName = 60

function Rename({ name, call, onDone }: { name: string; call: PeopleCall; onDone: () => void }) {
  const { t } = useTranslation('people')
  const [value, setValue] = useState(name)
  const save = (event: FormEvent) => {
    event.preventDefault()
    const next = value.trim()
    onDone()
    if (next === '' || next === name) return
    call.rename(next).catch((error: unknown) => toast.failed(error))
  }
  return (
    <form className={styles.rename} onSubmit={save}>
      <input
        value={value}
        maxLength={maxName}
        aria-label={t('newName')}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
        autoFocus
        onFocus={(event) => event.target.select()}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.nativeEvent.isComposing) return
          event.preventDefault()
          onDone()
        }}
      />
      <IconButton label={t('save')} type="submit">
        <Icon name="check" size={20} />
      </IconButton>
    </form>
  )
}
