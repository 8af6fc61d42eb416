import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

/**
 * Writes what the installed shell needs beside the bundle: the build id (in index.html and build.json, so that an
 * open page sees that the server is newer) and the service worker with its list of files.
 */
export function shell(): Plugin {
  let build = 'dev'
  return {
    name: 'parley-shell',
    transformIndexHtml: {
      order: 'post',
      handler(html, context) {
        if (context.bundle) build = buildId(Object.keys(context.bundle))
        return html.replace('</title>', `</title>\n    <meta name="build" content="${build}" />`)
      },
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        build = buildId(Object.keys(bundle))
        this.emitFile({ type: 'asset', fileName: 'build.json', source: JSON.stringify({ build }) })
      },
    },
  }
}

function buildId(files: string[]): string {
  const hashed = files.filter((file) => file.startsWith('assets/')).sort()
  return createHash('sha256').update(hashed.join('\n')).digest('hex').slice(0, 12)
}
