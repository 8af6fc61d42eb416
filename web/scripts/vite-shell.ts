import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin, Rolldown } from 'vite'

type Bundle = Rolldown.OutputBundle

/**
 * Writes what the installed shell needs beside the bundle: the build id (in index.html and build.json, so that an
 * open page sees that the server is newer) and the service worker with the files of the start page and of boards.
 */
export function shell(): Plugin {
  return {
    name: 'parley-shell',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const build = bundle ? buildId(bundle) : 'dev'
        return html.replace('</title>', `</title>\n    <meta name="build" content="${build}" />`)
      },
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const build = buildId(bundle)
        const worker = readFileSync(new URL('./shell/worker.js', import.meta.url), 'utf8')
        const values = `const BUILD = ${JSON.stringify(build)}\nconst FILES = ${JSON.stringify(shellFiles(bundle))}\nconst BOARDS = ${JSON.stringify(boardFiles(bundle))}\n`
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: values + worker })
        this.emitFile({ type: 'asset', fileName: 'build.json', source: JSON.stringify({ build }) })
      },
    },
  }
}

function buildId(bundle: Bundle): string {
  const hashed = Object.keys(bundle)
    .filter((file) => file.startsWith('assets/'))
    .sort()
  return createHash('sha256').update(hashed.join('\n')).digest('hex').slice(0, 12)
}

/** The page itself, its entry with what it imports, styles, texts and icons: enough to open without a network. */
function shellFiles(bundle: Bundle): string[] {
  const files = new Set(['/'])
  const follow = (name: string) => {
    const chunk = bundle[name]
    if (chunk?.type !== 'chunk' || files.has(`/${name}`)) return
    files.add(`/${name}`)
    chunk.imports.forEach(follow)
  }
  for (const file of Object.values(bundle)) {
    if (
      file.type === 'chunk' &&
      (file.isEntry || /i18n\/(en|zh-CN)\/index\.ts$/.test(file.facadeModuleId ?? ''))
    ) {
      follow(file.fileName)
    }
    if (file.type === 'asset' && /icons-[^/]*\.svg$|index-[^/]*\.css$/.test(file.fileName))
      files.add(`/${file.fileName}`)
  }
  return [...files].sort()
}

/** What a page with a board loads beside the shell, in both languages; fonts are kept as they are used. */
const boardParts =
  /src\/(app\/BoardRoute\.tsx|features\/board\/(BoardEditor|Canvas)\.tsx|i18n\/(en|zh-CN)\/boards?\.json)$|y-indexeddb|excalidraw\/dist\/prod\/locales\/(en|zh-CN)-/

function boardFiles(bundle: Bundle): string[] {
  const files = new Set<string>()
  const follow = (name: string) => {
    const chunk = bundle[name]
    if (chunk?.type !== 'chunk' || files.has(`/${name}`)) return
    files.add(`/${name}`)
    for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(`/${style}`)
    chunk.imports.forEach(follow)
  }
  for (const file of Object.values(bundle))
    if (file.type === 'chunk' && boardParts.test(file.facadeModuleId ?? '')) follow(file.fileName)
  const shell = new Set(shellFiles(bundle))
  return [...files].filter((file) => !shell.has(file)).sort()
}
