import * as sha256 from 'lib0/hash/sha256'

/** SHA-256 in hex. Pages without TLS have no Web Crypto for it. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = crypto.subtle
    ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    : sha256.digest(bytes)
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
