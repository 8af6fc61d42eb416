import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, it } from 'vitest'

const root = import.meta.dirname

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('dev/'))
  .map((file) => ({ file, layer: file.split('/').slice(0, 2), imports: importsOf(file) }))

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, path = '']) =>
    path.startsWith('.') ? relative(root, join(root, file, '..', path)) : path.replace(/^@\//, ''),
  )
}

it('keeps React out of the core, but for queries of the API', () => {
  const wrong = files
    .filter(({ layer }) => layer[0] === 'core')
    .filter(({ imports }) => imports.some((path) => /^(react|antd$|features\/|app\/|ui\/)/.test(path)))
    .map(({ file }) => file)
  expect(wrong).toEqual(['core/theme/antd.ts'])
})

it('lets no feature import another, nor the app', () => {
  const wrong = files.flatMap(({ file, layer, imports }) =>
    layer[0] === 'features'
      ? imports
          .filter((path) => /^(features|app)\//.test(path) && !path.startsWith(`${layer.join('/')}/`))
          .map((path) => `${file} imports ${path}`)
      : [],
  )
  expect(wrong).toEqual([])
})

it('keeps the parts of the interface below the features', () => {
  const wrong = files
    .filter(
      ({ layer, imports }) => layer[0] === 'ui' && imports.some((path) => /^(features|app)\//.test(path)),
    )
    .map(({ file }) => file)
  expect(wrong).toEqual([])
})
