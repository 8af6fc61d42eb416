import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ParticipantView } from '@/core/meeting/state'
import { Icon } from '@/ui/Icon'
import { cx } from '@/ui/stage/cx'
import { IconButton } from '@/ui/stage/IconButton'
import { useStore } from '@/ui/useStore'
import { bestFit, fillFit } from '../layout/bestFit'
import { clampPage, galleryOrder, pageCount, pageOf, withTile } from '../layout/order'
import { PersonTile } from '../PersonTile'
import { useStage } from '../stageCall'
import { useLastSpoke } from '../useLastSpoke'
import { useSize } from '../useSize'
import styles from './Gallery.module.css'
import { useSwipe } from './useSwipe'

const galleryPlaces = { desktop: 16, phone: 4 }

interface GalleryProps {
  phone: boolean
  pinnedId: string | null
  onPin: (participantId: string | null) => void
  actions: (participant: ParticipantView) => ReactNode
  /** What stands between the tiles and the pages. */
  notices?: ReactNode
}

/** Everybody at the same size: 16:9 tiles that fill the space on a desktop, four to a page on a phone. */
export function Gallery({ phone, pinnedId, onPin, actions, notices }: GalleryProps) {
  const { t } = useTranslation('stage')
  const order = useOrder(phone ? galleryPlaces.phone : galleryPlaces.desktop)
  const [box, size] = useSize()
  const { page, pages, shown, setPage } = usePage(order, phone ? galleryPlaces.phone : galleryPlaces.desktop)
  const swipe = useSwipe((by) => setPage(page + by))
  const fit = (phone ? fillFit : bestFit)(shown.length, size.width, size.height)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    if (event.key === 'ArrowRight' || event.key === 'PageDown') setPage(page + 1)
    if (event.key === 'ArrowLeft' || event.key === 'PageUp') setPage(page - 1)
  }
  return (
    <section
      className={styles.gallery}
      aria-label={galleryLabel()}
      tabIndex={pages > 1 ? 0 : undefined}
      onKeyDown={onKeyDown}
      {...swipe}
    >
      <div ref={box} className={styles.box}>
        <div className={styles.grid} style={{ width: fit.columns * (fit.tileWidth + 8) - 8 }}>
          {shown.map((id) => (
            <PersonTile
              key={id}
              participantId={id}
              pinnedId={pinnedId}
              onPin={onPin}
              actions={actions}
              size={shown.length === 1 ? 'large' : 'normal'}
              style={{ width: fit.tileWidth, height: fit.tileHeight }}
            />
          ))}
        </div>
        {!phone && pages > 1 && (
          <>
            <IconButton
              label={t('page.before')}
              className={cx(styles.turn, styles.before)}
              disabled={page === 0}
              onClick={() => setPage(page - 1)}
            >
              <Icon name="left" size={20} />
            </IconButton>
            <IconButton
              label={t('page.next')}
              className={cx(styles.turn, styles.next)}
              disabled={page === pages - 1}
              onClick={() => setPage(page + 1)}
            >
              <Icon name="right" size={20} />
            </IconButton>
          </>
        )}
      </div>
      {notices}
      {pages > 1 && <Dots page={page} pages={pages} onPage={setPage} />}
    </section>
  )

  function galleryLabel(): string {
    return pages > 1 ? t('page.label', { page: page + 1, pages }) : t('gallery.label')
  }
}

function Dots({ page, pages, onPage }: { page: number; pages: number; onPage: (page: number) => void }) {
  const { t } = useTranslation('stage')
  return (
    <nav className={styles.dots} aria-label={t('page.nav')}>
      {Array.from({ length: pages }, (_, index) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a page is its number
          key={index}
          type="button"
          aria-label={t('page.go', { page: index + 1 })}
          aria-current={index === page ? 'page' : undefined}
          onClick={() => onPage(index)}
        >
          <i />
        </button>
      ))}
    </nav>
  )
}

/** The order of the tiles, kept from one change to the next so that nobody moves without need. */
function useOrder(perPage: number): string[] {
  const { call } = useStage()
  const participants = useStore(call, (snapshot) => withTile(snapshot.participants), sameIds)
  const { lastSpoke, speakerId } = useLastSpoke()
  const previous = useRef<string[]>([])
  return useMemo(() => {
    previous.current = galleryOrder(participants, previous.current, perPage, lastSpoke, speakerId)
    return previous.current
  }, [participants, perPage, lastSpoke, speakerId])
}

function sameIds(a: ReadonlyArray<ParticipantView>, b: ReadonlyArray<ParticipantView>): boolean {
  return a.length === b.length && a.every((one, index) => one.id === b[index]?.id)
}

function usePage(order: string[], perPage: number) {
  const [wanted, setWanted] = useState(0)
  const pages = pageCount(order.length, perPage)
  const page = clampPage(wanted, pages)
  return {
    page,
    pages,
    shown: pageOf(order, page, perPage),
    setPage: (next: number) => setWanted(clampPage(next, pages)),
  }
}
