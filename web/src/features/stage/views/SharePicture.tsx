import {
  type KeyboardEvent,
  type PointerEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import type { ShareView } from '@/core/meeting/state'
import { cx } from '@/ui/stage/cx'
import { Video } from '@/ui/stage/Video'
import { clampZoom, fitInto, type Size, stepScale, type Zoom, zoomAt } from '../layout/zoom'
import { useStage } from '../stageCall'
import styles from './Presentation.module.css'

/** What the buttons beside the picture ask of it. */
export interface ShareBox {
  zoomTo(scale: number): void
}

interface SharePictureProps {
  share: ShareView
  zoom: Zoom
  onZoom: (zoom: Zoom) => void
  ref: Ref<ShareBox>
}

const centre = { x: 0, y: 0 }
const keyPan = 80

/** The shared picture: the wheel with Ctrl, a pinch or the + and − keys zoom, a drag, the wheel or the arrows move it. */
export function SharePicture({ share, zoom, onZoom, ref }: SharePictureProps) {
  const { t } = useTranslation('stage')
  const { reporter } = useStage()
  const box = useRef<HTMLDivElement>(null)
  const [picture, setPicture] = useState<Size>({ width: 16, height: 9 })
  const look = useLook(box, picture, zoom, onZoom)
  useImperativeHandle(ref, () => ({ zoomTo: (scale) => look.zoomTo(scale, centre) }))
  const watched = share.isSelf ? null : share.video.id
  useEffect(() => {
    if (watched !== null && box.current) return reporter.watch(box.current, watched)
  }, [reporter, watched])
  useEffect(() => {
    if (box.current) reporter.setZoom(box.current, zoom.scale)
  }, [reporter, zoom.scale])
  const stream = share.video.stream
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is looked at with keys and pointer, not operated as a form
    <div
      ref={box}
      data-share={share.video.id}
      role="group"
      aria-label={t('share.picture')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrows move the picture
      tabIndex={0}
      className={cx(styles.share, zoom.scale > 1 && styles.grab)}
      onKeyDown={look.onKeyDown}
      onPointerDown={look.onPointerDown}
      onPointerMove={look.onPointerMove}
      onPointerUp={look.onPointerUp}
      onPointerCancel={look.onPointerUp}
      onDoubleClick={(event) => look.zoomTo(zoom.scale > 1 ? 1 : 2, look.pointOf(event))}
    >
      {stream ? (
        <div
          className={styles.zoomed}
          style={{ transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})` }}
        >
          <Video stream={stream} publicationId={share.video.id} fit="contain" onResize={setPicture} />
        </div>
      ) : (
        <p className={styles.wait} role="status">
          {t(share.video.undecodable ? 'share.undecodable' : 'share.waiting')}
        </p>
      )}
      {stream && share.video.undecodable && (
        <p className={cx(styles.wait, styles.held)}>{t('share.undecodable')}</p>
      )}
      {stream && share.video.paused && <p className={cx(styles.wait, styles.held)}>{t('share.paused')}</p>}
    </div>
  )
}

function useLook(
  box: { current: HTMLDivElement | null },
  picture: Size,
  zoom: Zoom,
  onZoom: (zoom: Zoom) => void,
) {
  const pointers = useRef(new Map<number, { x: number; y: number }>())
  const now = useRef({ zoom, picture, onZoom })
  now.current = { zoom, picture, onZoom }

  const sizes = () => {
    const size = { width: box.current?.clientWidth ?? 0, height: box.current?.clientHeight ?? 0 }
    return { size, fitted: fitInto(now.current.picture, size) }
  }
  const pointOf = (at: { clientX: number; clientY: number }) => {
    const rect = box.current?.getBoundingClientRect()
    if (!rect) return centre
    return { x: at.clientX - rect.left - rect.width / 2, y: at.clientY - rect.top - rect.height / 2 }
  }
  const zoomTo = (scale: number, point: { x: number; y: number }) => {
    const { size, fitted } = sizes()
    now.current.onZoom(zoomAt(now.current.zoom, scale, point, fitted, size))
  }
  const panBy = (x: number, y: number) => {
    const { size, fitted } = sizes()
    const from = now.current.zoom
    now.current.onZoom(clampZoom({ scale: from.scale, x: from.x + x, y: from.y + y }, fitted, size))
  }
  useWheel(box, (event) => {
    if (event.ctrlKey || event.metaKey)
      zoomTo(now.current.zoom.scale * Math.exp(-event.deltaY / 300), pointOf(event))
    else if (now.current.zoom.scale > 1) panBy(-event.deltaX, -event.deltaY)
    else return false
    return true
  })
  const onPointerMove = (event: PointerEvent) => {
    const last = pointers.current.get(event.pointerId)
    if (!last) return
    const others = [...pointers.current].filter(([id]) => id !== event.pointerId).map(([, at]) => at)
    const here = { x: event.clientX, y: event.clientY }
    pointers.current.set(event.pointerId, here)
    const other = others[0]
    if (!other) return panBy(here.x - last.x, here.y - last.y)
    const middle = pointOf({ clientX: (here.x + other.x) / 2, clientY: (here.y + other.y) / 2 })
    const factor =
      Math.hypot(here.x - other.x, here.y - other.y) /
      Math.max(1, Math.hypot(last.x - other.x, last.y - other.y))
    zoomTo(now.current.zoom.scale * factor, middle)
  }
  return {
    zoomTo,
    pointOf,
    onPointerMove,
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return
      pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })
      if (now.current.zoom.scale > 1 || pointers.current.size > 1)
        event.currentTarget.setPointerCapture(event.pointerId)
    },
    onPointerUp: (event: PointerEvent) => {
      pointers.current.delete(event.pointerId)
    },
    onKeyDown: (event: KeyboardEvent) => {
      const move = moveOf(event.key)
      if (event.key === '+' || event.key === '=') zoomTo(stepScale(now.current.zoom.scale, 1), centre)
      else if (event.key === '-') zoomTo(stepScale(now.current.zoom.scale, -1), centre)
      else if (event.key === '0') zoomTo(1, centre)
      else if (move && now.current.zoom.scale > 1) panBy(move.x, move.y)
      else return
      event.preventDefault()
    },
  }
}

function moveOf(key: string): { x: number; y: number } | null {
  switch (key) {
    case 'ArrowLeft':
      return { x: keyPan, y: 0 }
    case 'ArrowRight':
      return { x: -keyPan, y: 0 }
    case 'ArrowUp':
      return { x: 0, y: keyPan }
    case 'ArrowDown':
      return { x: 0, y: -keyPan }
    default:
      return null
  }
}

/** React listens to the wheel passively, so that it could not keep the page from zooming. */
function useWheel(box: { current: HTMLDivElement | null }, onWheel: (event: WheelEvent) => boolean) {
  const handler = useRef(onWheel)
  handler.current = onWheel
  useEffect(() => {
    const element = box.current
    if (!element) return
    const listen = (event: WheelEvent) => {
      if (handler.current(event)) event.preventDefault()
    }
    element.addEventListener('wheel', listen, { passive: false })
    return () => element.removeEventListener('wheel', listen)
  }, [box])
}
