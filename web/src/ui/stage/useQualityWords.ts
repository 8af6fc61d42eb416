import { useTranslation } from 'react-i18next'

const reasons = [
  'lost',
  'serverBusy',
  'serverLoss',
  'uplinkLoss',
  'uplinkBandwidth',
  'downlinkLoss',
  'downlinkBandwidth',
  'frozen',
  'roundTrip',
  'cpu',
] as const

type Reason = (typeof reasons)[number] | 'unknown'

function known(reason: string | undefined): Reason {
  return reasons.find((one) => one === reason) ?? 'unknown'
}

/** Why a connection is not good, in words: to the person who has it, or about somebody. */
export function useQualityWords() {
  const { t } = useTranslation('stage')
  return {
    own: (reason: string | undefined) => t(`quality.own.${known(reason)}`),
    of: (name: string, reason: string | undefined) => t(`quality.of.${known(reason)}`, { name }),
  }
}
