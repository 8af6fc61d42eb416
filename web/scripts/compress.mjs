// Writes a .gz and a .br beside each text file of the build that gets smaller by it, for the server to send as they
// are. index.html is left out: the server writes a nonce into it.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const dist = new URL('../dist', import.meta.url).pathname
const minBytes = 1024

for (const path of files(dist)) {
  if (!/\.(js|css|svg|json|webmanifest)$/.test(path)) continue
  const bytes = readFileSync(path)
  if (bytes.length < minBytes) continue
  keepSmaller(`${path}.gz`, gzipSync(bytes, { level: 9 }), bytes)
  const options = {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }
  keepSmaller(`${path}.br`, brotliCompressSync(bytes, options), bytes)
}

function keepSmaller(path, packed, original) {
  if (packed.length < original.length * 0.95) writeFileSync(path, packed)
}

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path) : [path]
  })
}
