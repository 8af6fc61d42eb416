import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Plugin } from 'vite'

const root = new URL('../node_modules/@excalidraw/excalidraw/', import.meta.url).pathname
const fonts = join(root, 'dist/prod/fonts')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const base = `assets/excalidraw-${version}/fonts/`

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
