import { mkdirSync } from 'node:fs';
import { artifacts } from './paths.ts';
import { makeMedia } from './media.ts';

/** Makes what all tests share, once a run. */
export async function setup(): Promise<void> {
  mkdirSync(artifacts, { recursive: true });
  await makeMedia();
}
