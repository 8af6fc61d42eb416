// Holds that both languages have the same keys, that every key is used, and that every key used in t('…') exists.
// A key counts as used when a string literal names it (`key` or `namespace:key`), or when a template literal starts
// with its first part (`role.${role}`). Keys of `errors` are the server's codes and are held by a test of the server.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const source = join(root, 'src')
const plural = /_(zero|one|two|few|many|other)$/

const problems = []
const en = readLanguage('en')
const zh = readLanguage('zh-CN')
compare()
checkUse()

if (problems.length > 0) {
  for (const problem of problems) console.error(problem)
  console.error(`${problems.length} problem(s) with texts`)
  process.exit(1)
}
console.log(`texts: ${en.size} keys in 2 languages`)

function readLanguage(locale) {
  const keys = new Map()
  const folder = join(source, 'i18n', locale)
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    flatten(JSON.parse(readFileSync(join(folder, file), 'utf8')), `${file.slice(0, -5)}:`, keys)
  }
  return keys
}

function flatten(value, path, keys) {
  for (const [name, child] of Object.entries(value)) {
    if (typeof child === 'string') keys.set(path + name, child)
    else flatten(child, `${path}${name}.`, keys)
  }
}

function compare() {
  const base = (keys) => new Set([...keys.keys()].map((key) => key.replace(plural, '')))
  const [inEnglish, inChinese] = [base(en), base(zh)]
  for (const key of inEnglish) if (!inChinese.has(key)) problems.push(`zh-CN lacks ${key}`)
  for (const key of inChinese) if (!inEnglish.has(key)) problems.push(`en lacks ${key}`)
  const placeholders = (text) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]).sort()
  for (const [key, text] of zh) {
    const other = en.get(key)
    if (other === undefined) continue
    for (const name of placeholders(text)) {
      if (!placeholders(other).includes(name)) problems.push(`zh-CN ${key} has {{${name}}}, en has not`)
    }
  }
  for (const [keys, name] of [
    [en, 'en'],
    [zh, 'zh-CN'],
  ]) {
    for (const [key, text] of keys) if (text.trim() === '') problems.push(`${name} ${key} is empty`)
  }
}

function checkUse() {
  const literals = new Set()
  const prefixes = []
  const files = sources(source)
  const known = new Set([...en.keys()].map((key) => key.replace(plural, '')))
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    for (const match of text.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g))
      literals.add(match[1] ?? match[2])
    for (const match of text.matchAll(/`([\w:.-]+)\$\{/g)) prefixes.push(match[1])
    checkCalls(text, relative(root, file), known)
  }
  for (const key of known) {
    if (key.startsWith('errors:')) continue
    const name = key.slice(key.indexOf(':') + 1)
    if (literals.has(name) || literals.has(key)) continue
    if (
      prefixes.some(
        (prefix) => (prefix.includes('.') && name.startsWith(prefix)) || key.startsWith(`${prefix}`),
      )
    )
      continue
    problems.push(`unused: ${key}`)
  }
}

function checkCalls(text, file, known) {
  const namespaces = [...text.matchAll(/useTranslation\(\s*(?:\[([^\]]*)\]|'([^']+)')?/g)].flatMap((match) =>
    (match[1] ?? match[2] ?? 'common').split(',').map((name) => name.trim().replaceAll("'", '')),
  )
  if (namespaces.length === 0) return
  for (const match of text.matchAll(/\bt\(\s*'([^']+)'/g)) {
    const key = match[1]
    const candidates = key.includes(':') ? [key] : [...new Set(namespaces)].map((name) => `${name}:${key}`)
    if (!candidates.some((candidate) => known.has(candidate))) problems.push(`${file}: no text for ${key}`)
  }
}

function sources(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return name === 'i18n' ? [] : sources(path)
    return /\.tsx?$/.test(name) && !/\.(test|d)\.tsx?$/.test(name) ? [path] : []
  })
}
