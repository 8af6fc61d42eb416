import { afterEach, describe, expect, it, vi } from 'vitest'
import { codecFor, inOrder } from './videoCodecs'

const encodes = (...names: string[]) => ({
  getCapabilities: () => ({ codecs: names.map((name) => ({ mimeType: `video/${name}` })) }),
})

afterEach(() => vi.unstubAllGlobals())

describe('the codec of a source', () => {
  it('is the preferred one where the browser encodes it', () => {
    vi.stubGlobal('RTCRtpSender', encodes('VP8', 'VP9', 'H264'))
    expect(codecFor('screen', 'VP9')).toBe('VP9')
    expect(codecFor('camera', 'H264')).toBe('H264')
    expect(codecFor('screen', 'AV1')).toBe('VP8')
  })

  it('is the common one where nothing is known', () => {
    vi.stubGlobal('RTCRtpSender', undefined)
    expect(codecFor('camera', 'VP9')).toBe('VP8')
  })

  it('is the common one for a camera whose layers the browser does not make', () => {
    vi.stubGlobal('RTCRtpSender', encodes('VP8', 'VP9'))
    vi.stubGlobal(
      'RTCPeerConnection',
      class {
        addTransceiver = () => ({ sender: { getParameters: () => ({ encodings: [{}] }) } })
        close = () => {}
      },
    )
    expect(codecFor('camera', 'VP9')).toBe('VP8')
  })
})

describe('the order of codecs', () => {
  it('begins with those that are named', () => {
    const codecs = ['VP8', 'rtx', 'VP9', 'AV1'].map((name) => ({ mimeType: `video/${name}` }))
    expect(inOrder(codecs, ['VP9', 'VP8']).map((one) => one.mimeType)).toEqual([
      'video/VP9',
      'video/VP8',
      'video/rtx',
      'video/AV1',
    ])
  })
})
