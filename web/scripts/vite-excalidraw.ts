import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Plugin } from 'vite'

const root = new URL('../node_modules/@excalidraw/excalidraw/', import.meta.url).pathname
const fonts = join(root, 'dist/prod/fonts')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const base = `assets/excalidraw-${version}/fonts/`

/** Where the editor adds the address at a public CDN to each font's own. */
const fallback = /return (\w+)\.push\(new URL\(\w+,\w+\.ASSETS_FALLBACK_URL\)\),\1\}/g

/**
 * Serves the fonts of the boards' editor from our own server, under a path that changes with its version. Chinese is
 * drawn with Xiaolai, which comes in some two hundred parts that a browser fetches as it needs them.
 */
export function excalidrawFonts(): Plugin {
  return {
    name: 'parley-excalidraw-fonts',
    config: () => ({ define: { __EXCALIDRAW_VERSION__: JSON.stringify(version) } }),
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = request.url?.split('?')[0]?.slice(1) ?? ''
        const file = path.startsWith(base) ? path.slice(base.length) : ''
        if (!files().includes(file)) return next()
        response.setHeader('content-type', 'font/woff2')
        createReadStream(join(fonts, file)).pipe(response)
      })
    },
    transform(code, id) {
      if (!id.includes('/@excalidraw/excalidraw/dist/') || !code.includes('ASSETS_FALLBACK_URL')) return null
      const own = code.replace(fallback, 'return $1}')
      if (this.environment.mode === 'build' && own === code)
        this.error(`${id} names a CDN in a way that is not known here`)
      return { code: own, map: null }
    },
    generateBundle() {
      for (const file of files())
        this.emitFile({ type: 'asset', fileName: base + file, source: readFileSync(join(fonts, file)) })
    },
  }
}

function files(): string[] {
  return readdirSync(fonts, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.woff2'))
    .map((entry) => relative(fonts, join(entry.parentPath, entry.name)))
}
