import { describe, expect, it } from 'vitest'
import { asOffered, music, repeatPackets, speech, tuneOpus } from './opus'

const sdp = [
  'v=0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63',
  'a=mid:0',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=0',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:1',
  'a=rtpmap:96 VP8/90000',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:2',
  'a=rtpmap:111 opus/48000/2',
  '',
].join('\r\n')

describe('tuneOpus', () => {
  it('changes the sections that are asked for and nothing else', () => {
    const tuned = tuneOpus(sdp, (mid) => (mid === '0' ? speech : null))
    expect(tuned).toBe(
      sdp
        .replace('minptime=10;useinbandfec=0', 'minptime=10;useinbandfec=1;usedtx=1')
        .replace('opus/48000/2\r\n', 'opus/48000/2\r\na=rtcp-fb:111 nack\r\n'),
    )
  })

  it('adds parameters where there are none', () => {
    const tuned = tuneOpus(sdp, (mid) => (mid === '2' ? music : null))
    expect(tuned.split('\r\n').slice(-3)).toEqual([
      'a=rtcp-fb:111 nack',
      'a=fmtp:111 useinbandfec=1;usedtx=0;stereo=1;sprop-stereo=1;maxaveragebitrate=128000',
      '',
    ])
    expect(tuned).not.toMatch(/[^\r]\n/)
  })

  it('asks for retransmission once', () => {
    const tuned = tuneOpus(sdp, () => asOffered)
    expect(tuned.match(/a=rtcp-fb:111 nack/g)).toHaveLength(2)
    expect(tuned).not.toContain('usedtx')
    expect(tuneOpus(tuned, () => asOffered)).toBe(tuned)
  })

  it('leaves a section without Opus alone', () => {
    const other = 'v=0\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=rtpmap:0 PCMU/8000\r\n'
    expect(tuneOpus(other, () => speech)).toBe(other)
  })
})

describe('repeatPackets', () => {
  it('puts redundant packets first where they are wanted and known', () => {
    const repeated = repeatPackets(sdp, () => true)
    expect(repeated).toBe(sdp.replace('SAVPF 111 63', 'SAVPF 63 111'))
    expect(repeatPackets(repeated, () => true)).toBe(repeated)
    expect(repeatPackets(sdp, () => false)).toBe(sdp)
  })
})
