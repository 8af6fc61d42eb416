import type { CallPhase } from '@/core/meeting/state'
import { duration } from '@/ui/format'
import type { IconName } from '@/ui/Icon'

export type LeaveReason = Extract<CallPhase, { phase: 'ended' }>['reason']

/** Whether the way back is offered. */
export function mayRejoin(reason: LeaveReason): boolean {
  return reason !== 'ended'
}

export function iconOf(reason: LeaveReason): IconName {
  switch (reason) {
    case 'left':
    case 'ended':
      return 'leave'
    case 'removed':
    case 'refused':
    case 'unauthenticated':
      return 'lock'
    case 'replaced':
      return 'copy'
    case 'network':
    case 'overflow':
      return 'weak'
    case 'shutdown':
      return 'refresh'
    case 'protocol':
    case 'error':
      return 'info'
  }
}

/** How long one was there, as people say it. */
export function joinedText(ms: number, locale: string): string {
  return duration(ms, locale)
}
