// What a browser loads, in gzip, before a meeting's stage is opened; fails above the limit. Each path is the entry and
// the lazily loaded parts that a visit to those pages brings in.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const limitBytes = 300 * 1024
const dist = new URL('../dist', import.meta.url).pathname
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))

const visits = {
  'sign-in, then the list of meetings': ['src/app/SignInRoute.tsx', 'src/app/MeetingsRoute.tsx'],
  'a guest at the door of a meeting': ['src/app/MeetingRoute.tsx'],
}

let tooLarge = false
for (const [visit, parts] of Object.entries(visits)) {
  const bytes = Math.max(
    ...['src/i18n/en/index.ts', 'src/i18n/zh-CN/index.ts'].map((texts) => weigh([...parts, texts])),
  )
  tooLarge ||= bytes > limitBytes
  console.log(`${(bytes / 1024).toFixed(1)} KB gzip  ${visit} (limit ${limitBytes / 1024} KB)`)
}
if (tooLarge) process.exit(1)

function weigh(parts) {
  const files = new Set(['index.html'])
  for (const key of ['index.html', ...parts]) collect(key, files)
  let bytes = 0
  for (const file of files) bytes += gzipSync(readFileSync(join(dist, file)), { level: 9 }).length
  if (process.argv.includes('--files'))
    for (const file of files) console.log(' ', gzipSync(readFileSync(join(dist, file))).length, file)
  return bytes
}

function collect(key, files) {
  const chunk = manifest[key]
  if (!chunk) throw new Error(`the manifest has no ${key}`)
  if (files.has(chunk.file)) return
  files.add(chunk.file)
  for (const file of [...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(file)
  for (const imported of chunk.imports ?? []) collect(imported, files)
}
