import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ParticipantView } from '@/core/meeting/state'
import { Icon } from '@/ui/Icon'
import { identityColour, initials } from '@/ui/initials'
import { cx } from './cx'
import { QualityBars } from './QualityBars'
import styles from './Tile.module.css'
import { useQualityWords } from './useQualityWords'
import { Video } from './Video'
import { VoiceGlyph } from './VoiceGlyph'

export interface TileProps {
  participant: ParticipantView
  /** Place in the order of raised hands, from 1. */
  hand: number | null
  /** Loudness of the voice, 0 to 1. */
  level: number
  pinned: 'me' | 'all' | null
  /** Own camera is shown as in a mirror. */
  mirrored: boolean
  reactions: ReadonlyArray<{ key: number; emoji: string }>
  size?: 'small' | 'normal' | 'large'
  style?: CSSProperties
  /** Told where a live camera is shown, whether its picture has come yet or not; the answer is called when it goes. */
  onCamera?: (element: HTMLElement, publicationId: string) => () => void
  /** What appears in the corner under the pointer. */
  actions?: ReactNode
  onDoubleClick?: () => void
}

/** A participant: video or avatar, name and sound below, flags above, the ring of who speaks. */
export function Tile(props: TileProps) {
  const {
    participant,
    hand,
    level,
    pinned,
    mirrored,
    reactions,
    size = 'normal',
    style,
    actions,
    onDoubleClick,
    onCamera,
  } = props
  const { t } = useTranslation('stage')
  const box = useRef<HTMLElement>(null)
  const cameraId = participant.camera && !participant.camera.muted ? participant.camera.id : null
  useEffect(() => {
    if (cameraId !== null && box.current) return onCamera?.(box.current, cameraId)
  }, [cameraId, onCamera])
  const name = participant.isSelf ? t('you', { name: participant.name }) : participant.name
  const dropped = participant.connection === 'reconnecting'
  const speaking = participant.speaking && !dropped
  return (
    <article
      ref={box}
      aria-label={name}
      data-participant-id={participant.id}
      data-self={participant.isSelf || undefined}
      data-speaking={speaking || undefined}
      className={cx(styles.tile, styles[size], speaking && styles.speaking, dropped && styles.dropped)}
      style={style}
      onDoubleClick={onDoubleClick}
    >
      <Picture {...props} mirrored={mirrored} />
      <Flags participant={participant} hand={hand} pinned={pinned} short={size === 'small'} />
      {dropped && (
        <div className={styles.middle} role="status">
          <span className={styles.spinner} aria-hidden="true" />
          <b>{t('tile.reconnecting')}</b>
        </div>
      )}
      {reactions.length > 0 && (
        <div className={styles.reactions} aria-hidden="true">
          {reactions.slice(-3).map((reaction) => (
            <span key={reaction.key}>{reaction.emoji}</span>
          ))}
        </div>
      )}
      {actions && <div className={styles.actions}>{actions}</div>}
      <div className={styles.name}>
        <SoundMark participant={participant} speaking={speaking} level={level} />
        <span className={styles.text}>{name}</span>
      </div>
    </article>
  )
}

/** The avatar stays below the video, so that it is what one sees until the first frame comes. */
function Picture({ participant, mirrored }: TileProps) {
  const camera = participant.camera
  const live = camera && !camera.muted ? camera : null
  return (
    <>
      <span
        className={cx(styles.avatar, `c${identityColour(participant.userId ?? participant.id)}`)}
        aria-hidden="true"
      >
        {participant.avatarUrl ? <img src={participant.avatarUrl} alt="" /> : initials(participant.name)}
      </span>
      {live?.stream && (
        <Video
          stream={live.stream}
          publicationId={live.id}
          mirrored={mirrored}
          className={live.paused ? styles.hidden : undefined}
        />
      )}
    </>
  )
}

function Flags({
  participant,
  hand,
  pinned,
  short,
}: Pick<TileProps, 'participant' | 'hand' | 'pinned'> & { short: boolean }) {
  const { t } = useTranslation('stage')
  const { level, reason } = participant.quality
  const words = useQualityWords()
  const weak = level !== 'good' && participant.connection === 'connected'
  const why = participant.isSelf ? words.own(reason) : words.of(participant.name, reason)
  const camera = participant.camera?.muted === false ? participant.camera : null
  const undecodable = camera?.undecodable === true
  const paused = camera?.paused === true && !undecodable
  if (hand === null && pinned === null && !weak && !paused && !undecodable) return null
  return (
    <div className={styles.flags}>
      {hand !== null && (
        <span
          className={cx(styles.flag, styles.hand)}
          role="img"
          aria-label={t('tile.hand', { place: hand })}
        >
          <Icon name="hand" size={16} />
          {hand}
        </span>
      )}
      {undecodable && (
        <span className={styles.flag} title={t('tile.undecodableWhy')} role="status">
          <Icon name="cam-off" size={16} />
          {t('tile.undecodable')}
        </span>
      )}
      {paused && (
        <span className={styles.flag} title={t('tile.pausedWhy')}>
          <Icon name="pause" size={16} />
          {t('tile.paused')}
        </span>
      )}
      {weak && (
        <span
          className={cx(styles.flag, styles.weak)}
          title={why}
          role="img"
          aria-label={why}
          data-quality={level}
        >
          <QualityBars level={level} />
          {!short && <span className={styles.long}>{t('tile.weak')}</span>}
          {!short && <span className={styles.brief}>{t('tile.weakShort')}</span>}
        </span>
      )}
      {pinned !== null && (
        <span
          className={styles.flag}
          role="img"
          aria-label={pinned === 'me' ? t('tile.pinned') : t('tile.spotlit')}
          title={pinned === 'me' ? t('tile.pinned') : t('tile.spotlit')}
        >
          <Icon name={pinned === 'me' ? 'pin' : 'star'} size={16} />
        </span>
      )}
    </div>
  )
}

function SoundMark({
  participant,
  speaking,
  level,
}: {
  participant: ParticipantView
  speaking: boolean
  level: number
}) {
  const { t } = useTranslation('stage')
  if (participant.connection === 'reconnecting') return <Icon name="weak" size={16} />
  if (!participant.microphone || participant.microphone.muted) {
    return (
      <span className={styles.silent} role="img" aria-label={t('tile.muted')}>
        <Icon name="mic-off" size={16} />
      </span>
    )
  }
  if (speaking) return <VoiceGlyph level={level} label={t('tile.speaking')} />
  return <Icon name="mic" size={16} />
}
