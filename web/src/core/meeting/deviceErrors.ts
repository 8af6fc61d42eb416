import type { DeviceFailure } from './state'

/** Says in our words why a device could not be opened. Browsers differ in the name and sometimes only in the message. */
export function deviceFailure(error: unknown, isSecureContext: boolean): DeviceFailure {
  if (!isSecureContext) return 'insecure'
  const name = nameOf(error)
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
    case 'SecurityError':
      return /system/i.test(messageOf(error)) ? 'deniedBySystem' : 'denied'
    case 'NotFoundError':
    case 'DevicesNotFoundError':
      // Firefox tells of a system refusal this way: "The object can not be found here" stands for no device.
      return /system|privacy/i.test(messageOf(error)) ? 'deniedBySystem' : 'notFound'
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'inUse'
    case 'OverconstrainedError':
    case 'ConstraintNotSatisfiedError':
      return 'overconstrained'
    default:
      return 'unknown'
  }
}

function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : ''
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : ''
}
