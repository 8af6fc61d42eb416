import { fileURLToPath } from 'node:url'

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** The program under test. */
export const binary = at('bin/parley')
/** The link emulator (internal/netem). */
export const netem = at('.build/netem')
/** Generated cameras and microphones, kept between runs. */
export const mediaFolder = at('.build/media')
/** Screenshots and measurements; git does not track it. */
export const artifacts = at('artifacts')
