import { type ReactNode, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ParticipantView, ShareView } from '@/core/meeting/state'
import { Icon } from '@/ui/Icon'
import { cx } from '@/ui/stage/cx'
import { IconButton } from '@/ui/stage/IconButton'
import { MenuButton } from '@/ui/stage/Menu'
import { useMedia } from '@/ui/stage/useMedia'
import { useStore } from '@/ui/useStore'
import { hintEntries } from '../hintEntries'
import { fitZoom, stepScale, type Zoom } from '../layout/zoom'
import { useStage } from '../stageCall'
import { toggleFullScreen } from '../useFullScreen'
import { Gallery } from './Gallery'
import styles from './Presentation.module.css'
import { type ShareBox, SharePicture } from './SharePicture'
import { Strip } from './Strip'

interface PresentationProps {
  shareId: string
  onShare: (shareId: string) => void
  phone: boolean
  pinnedId: string | null
  onPin: (participantId: string | null) => void
  onOthers: () => void
  actions: (participant: ParticipantView) => ReactNode
  notices?: ReactNode
}

/** A shared screen, large, with who shares it and how it is looked at; people in a row below. */
export function Presentation(props: PresentationProps) {
  const { shareId, onShare, phone, pinnedId, onPin, onOthers, actions, notices } = props
  const { call } = useStage()
  const share = useStore(call, (snapshot) => snapshot.shares.find((one) => one.id === shareId))
  const shares = useStore(call, (snapshot) => snapshot.shares)
  const lying = useMedia('(orientation: landscape)')
  const [zoom, setZoom] = useState<Zoom>(fitZoom)
  const picture = useRef<ShareBox>(null)
  const view = useRef<HTMLElement>(null)
  if (!share) return null
  const step = (direction: 1 | -1) => picture.current?.zoomTo(stepScale(zoom.scale, direction))
  return (
    <section ref={view} className={cx(styles.view, phone && !lying && styles.upright)}>
      <Head
        share={share}
        shares={shares}
        onShare={onShare}
        zoom={zoom}
        onStep={step}
        onFit={() => picture.current?.zoomTo(1)}
        onFullScreen={() => void toggleFullScreen(view.current)}
        phone={phone}
      />
      <SharePicture key={share.id} ref={picture} share={share} zoom={zoom} onZoom={setZoom} />
      {phone && !lying && (
        <Gallery phone pinnedId={pinnedId} onPin={onPin} actions={actions} notices={notices} />
      )}
      {!phone && (
        <Strip phone={phone} pinnedId={pinnedId} onPin={onPin} onOthers={onOthers} actions={actions} />
      )}
    </section>
  )
}

interface HeadProps {
  share: ShareView
  shares: ReadonlyArray<ShareView>
  onShare: (shareId: string) => void
  zoom: Zoom
  onStep: (direction: 1 | -1) => void
  onFit: () => void
  onFullScreen: () => void
  phone: boolean
}

function Head({ share, shares, onShare, zoom, onStep, onFit, onFullScreen, phone }: HeadProps) {
  const { t } = useTranslation('stage')
  const nameOf = useNames()
  const name = nameOf(share.participantId)
  return (
    <header className={styles.head}>
      <Icon name="screen" size={16} />
      <span className={styles.who}>{share.isSelf ? t('share.mine') : <Sharing name={name} />}</span>
      {shares.length > 1 && <Switch share={share} shares={shares} onShare={onShare} nameOf={nameOf} />}
      <Hint share={share} />
      {!phone && (
        <>
          <i className={styles.line} />
          <IconButton label={t('zoom.out')} disabled={zoom.scale <= 1} onClick={() => onStep(-1)}>
            <Icon name="minus" size={20} />
          </IconButton>
          <button
            type="button"
            className={styles.percent}
            onClick={onFit}
            aria-label={t('zoom.fitNow', { now: scaleText() })}
          >
            {scaleText()}
          </button>
          <IconButton label={t('zoom.in')} onClick={() => onStep(1)}>
            <Icon name="plus" size={20} />
          </IconButton>
        </>
      )}
      {document.fullscreenEnabled && (
        <IconButton label={t('zoom.full')} onClick={onFullScreen}>
          <Icon name="full" size={20} />
        </IconButton>
      )}
    </header>
  )

  function scaleText(): string {
    return zoom.scale === 1 ? t('zoom.fit') : t('zoom.percent', { percent: Math.round(zoom.scale * 100) })
  }
}

function Sharing({ name }: { name: string }) {
  const { t } = useTranslation('stage')
  const [before, after] = t('share.by', { name: '\u0000' }).split('\u0000')
  return (
    <>
      {before}
      <b>{name}</b>
      {after}
    </>
  )
}

function Switch({
  share,
  shares,
  onShare,
  nameOf,
}: Pick<HeadProps, 'share' | 'shares' | 'onShare'> & { nameOf: (id: string) => string }) {
  const { t } = useTranslation('stage')
  const at = shares.findIndex((one) => one.id === share.id) + 1
  return (
    <MenuButton
      label={t('share.choose')}
      side="bottom"
      align="end"
      entries={shares.map((one) => ({
        kind: 'radio',
        key: one.id,
        label: one.isSelf ? t('share.mineShort') : nameOf(one.participantId),
        checked: one.id === share.id,
        onSelect: () => onShare(one.id),
      }))}
      trigger={(trigger) => (
        <button type="button" className={styles.segment} {...trigger}>
          <Icon name="copy" size={16} />
          {t('share.count', { at, count: shares.length })}
          <Icon name="down" size={14} />
        </button>
      )}
    />
  )
}

function Hint({ share }: { share: ShareView }) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const icon = <Icon name={share.hint === 'text' ? 'text' : 'motion'} size={16} />
  const label = share.hint === 'text' ? t('hint.text') : t('hint.motion')
  if (!share.isSelf) {
    return (
      <span
        className={styles.segment}
        title={share.hint === 'text' ? t('hint.textWhy') : t('hint.motionWhy')}
      >
        {icon}
        <span>{label}</span>
      </span>
    )
  }
  return (
    <MenuButton
      label={t('hint.choose')}
      side="bottom"
      align="end"
      entries={hintEntries(share.hint, t, (hint) => call.setHint(hint))}
      trigger={(trigger) => (
        <button type="button" className={styles.segment} {...trigger}>
          {icon}
          <span>{label}</span>
          <Icon name="down" size={14} />
        </button>
      )}
    />
  )
}

function useNames(): (participantId: string) => string {
  const { call } = useStage()
  const participants = useStore(call, (snapshot) => snapshot.participants)
  return (id) => participants.find((one) => one.id === id)?.name ?? ''
}
