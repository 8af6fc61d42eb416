/** The server has the last word; this only saves a way there and back. */
const minPasswordLength = 10

export function isShort(password: string): boolean {
  return [...password].length < minPasswordLength
}
