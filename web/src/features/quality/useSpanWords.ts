import { useTranslation } from 'react-i18next'
import type { QualitySpan } from '@/core/api/types'
import { clock, duration } from '@/ui/format'
import { lengthOf } from './report'

/** Trouble in words: when it was, and what happened. */
export function useSpanWords() {
  const { t, i18n } = useTranslation('quality')
  const locale = i18n.language
  const percent = (value: number) =>
    new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: value < 10 ? 1 : 0 }).format(
      value / 100,
    )
  const seconds = (ms: number) => t('seconds', { count: Math.max(1, Math.round(ms / 1000)) })

  return { when, what, length }

  /** 13 s, 5 min */
  function length(ms: number): string {
    return ms < 60_000 ? seconds(ms) : duration(ms, locale)
  }

  /** 14:03–14:07; what took less than a minute also says for how long. */
  function when(span: QualitySpan): string {
    const [from, to] = [clock(new Date(span.from), locale), clock(new Date(span.to), locale)]
    const short = lengthOf(span) < 60_000 ? t('for', { time: seconds(lengthOf(span)) }) : ''
    return `${from === to ? from : `${from}–${to}`}${short}`
  }

  function what(span: QualitySpan): string {
    const others = span.othersFrozen ? t('others', { count: span.othersFrozen }) : ''
    return happened(span) + others
  }

  function happened(span: QualitySpan): string {
    const loss = percent(span.lossPercent ?? 0)
    const rate = span.kbps ?? 0
    switch (span.reason) {
      case 'uplinkBandwidth':
      case 'downlinkBandwidth':
        return rate > 0 ? t(`reason.${span.reason}`, { rate }) : t(`reason.${span.reason}Unknown`)
      case 'uplinkLoss':
      case 'downlinkLoss':
      case 'serverLoss':
        return t(`reason.${span.reason}`, { loss })
      case 'frozen':
        return t('reason.frozen', { time: seconds(span.frozenMs ?? 0) })
      case 'roundTrip':
        return t('reason.roundTrip', { ms: span.roundTripMs ?? 0 })
      case 'lost':
      case 'serverBusy':
      case 'cpu':
        return t(`reason.${span.reason}`)
    }
  }
}
