import { mkdirSync } from 'node:fs'
import { makeMedia } from './media'
import { artifacts } from './paths'

/** Makes what all tests share, once a run. */
export async function setup(): Promise<void> {
  mkdirSync(artifacts, { recursive: true })
  await makeMedia()
}
