import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallStats, StreamStats } from '@/core/meeting/state'
import { Dialog } from '@/ui/stage/Dialog'
import { useStore } from '@/ui/useStore'
import { useStage } from '../stageCall'
import styles from './Dialogs.module.css'

const everyMs = 1500

/** How the connection is, in numbers that an administrator can be told. */
export function ConnectionDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('stage')
  const stats = useStats()
  return (
    <Dialog title={t('more.connection')} onClose={onClose} wide>
      {stats ? <Numbers stats={stats} /> : <p role="status">{t('connection.reading')}</p>}
    </Dialog>
  )
}

function useStats(): CallStats | null {
  const { call } = useStage()
  const [stats, setStats] = useState<CallStats | null>(null)
  useEffect(() => {
    let over = false
    const read = async () => {
      const next = await call.stats().catch(() => null)
      if (!over && next) setStats(next)
    }
    void read()
    const timer = window.setInterval(() => void read(), everyMs)
    return () => {
      over = true
      window.clearInterval(timer)
    }
  }, [call])
  return stats
}

function Numbers({ stats }: { stats: CallStats }) {
  const { t, i18n } = useTranslation('stage')
  const percent = (share: number) =>
    new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 }).format(share)
  const rate = (bits: number) => rateText(bits, i18n.language)
  return (
    <>
      <dl className={styles.numbers}>
        <Pair
          name={t('connection.roundTrip')}
          value={stats.roundTripMs === null ? '–' : t('connection.ms', { ms: Math.round(stats.roundTripMs) })}
        />
        <Pair
          name={t('connection.loss')}
          value={`↑ ${percent(stats.uplinkLoss)}  ↓ ${percent(stats.downlinkLoss)}`}
        />
        <Pair
          name={t('connection.rate')}
          value={`↑ ${rate(stats.upBitsPerSecond)}  ↓ ${rate(stats.downBitsPerSecond)}`}
        />
        <Pair name={t('connection.transport')} value={stats.transport.toUpperCase()} />
      </dl>
      <Streams streams={stats.streams} rate={rate} />
    </>
  )
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function Streams({ streams, rate }: { streams: ReadonlyArray<StreamStats>; rate: (bits: number) => string }) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const participants = useStore(call, (snapshot) => snapshot.participants)
  const nameOf = (id: string | null) =>
    participants.find((one) => one.id === id)?.name ?? t('connection.self')
  return (
    <div className={styles.scroll}>
      <table className={styles.streams}>
        <caption className="sr">{t('connection.streams')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('connection.who')}</th>
            <th scope="col">{t('connection.what')}</th>
            <th scope="col">{t('connection.picture')}</th>
            <th scope="col">{t('connection.rateShort')}</th>
          </tr>
        </thead>
        <tbody>
          {streams.map((stream) => (
            <tr key={`${stream.direction}${stream.publicationId}`}>
              <td>
                {stream.direction === 'up' ? '↑ ' : '↓ '}
                {stream.direction === 'up' ? t('connection.self') : nameOf(stream.participantId)}
              </td>
              <td>
                {t(`source.${stream.source}`)} · {stream.codec === 'opus' ? 'Opus' : stream.codec}
              </td>
              <td>
                {stream.height > 0
                  ? `${stream.width}×${stream.height} · ${Math.round(stream.framesPerSecond)}`
                  : '–'}
              </td>
              <td>{rate(stream.bitsPerSecond)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function rateText(bitsPerSecond: number, locale: string): string {
  const mega = bitsPerSecond >= 1_000_000
  const value = bitsPerSecond / (mega ? 1_000_000 : 1000)
  const digits = new Intl.NumberFormat(locale, { maximumFractionDigits: mega ? 1 : 0 }).format(value)
  return `${digits} ${mega ? 'Mbit/s' : 'kbit/s'}`
}
