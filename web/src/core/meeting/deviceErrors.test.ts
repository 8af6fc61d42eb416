import { describe, expect, it } from 'vitest'
import { deviceFailure } from './deviceErrors'

describe('deviceFailure', () => {
  it.each([
    ['NotAllowedError', 'Permission denied', 'denied'],
    ['NotAllowedError', 'Permission dismissed', 'denied'],
    ['NotAllowedError', 'Permission denied by system', 'deniedBySystem'],
    [
      'NotAllowedError',
      'The request is not allowed by the user agent or the platform in the current context.',
      'denied',
    ],
    ['NotFoundError', 'Requested device not found', 'notFound'],
    ['NotFoundError', 'The object can not be found here.', 'notFound'],
    ['NotReadableError', 'Could not start video source', 'inUse'],
    ['AbortError', 'Starting videoinput failed', 'inUse'],
    ['OverconstrainedError', '', 'overconstrained'],
    ['TypeError', 'no constraint', 'unknown'],
  ])('%s "%s" is %s', (name, message, expected) => {
    expect(deviceFailure(new DOMException(message, name), true)).toBe(expected)
  })

  it('anything on a page without TLS is insecure', () => {
    expect(deviceFailure(new TypeError('undefined is not a function'), false)).toBe('insecure')
  })

  it('something that is no error is unknown', () => {
    expect(deviceFailure('oops', true)).toBe('unknown')
  })
})
