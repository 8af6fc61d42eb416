import { defineConfig } from 'vitest/config'
import { patienceMs } from './harness/patience'

// Real browsers with real media take turns: a machine of two cores carries one such test at a time.
export default defineConfig(({ mode }) => ({
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: [mode === 'bench' ? '**/*.bench.ts' : '**/*.e2e.ts'],
    fileParallelism: false,
    testTimeout: 4 * patienceMs,
    hookTimeout: 4 * patienceMs,
    expect: { poll: { timeout: patienceMs, interval: 100 } },
    retry: 0,
    reporters: ['verbose'],
    globalSetup: ['./harness/global.ts'],
  },
}))
