import { defineConfig } from 'vitest/config'

// Real browsers with real media take turns: a machine of two cores carries one such test at a time.
export default defineConfig(({ mode }) => ({
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: [mode === 'bench' ? '**/*.bench.ts' : '**/*.e2e.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Vitest's own second is too short for what several browsers do on two cores.
    expect: { poll: { timeout: 30_000, interval: 100 } },
    retry: 0,
    reporters: ['verbose'],
    globalSetup: ['./harness/global.ts'],
  },
}))
