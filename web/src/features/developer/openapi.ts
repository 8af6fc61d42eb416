/** The part of an OpenAPI 3.1 document that the page shows. */
export interface Document {
  info: { title: string; version: string; description?: string }
  servers?: { url: string }[]
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

export interface Operation {
  operationId: string
  summary?: string
  description?: string
  tags?: string[]
  parameters?: Parameter[]
  requestBody?: { content?: Record<string, { schema?: Schema }> }
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>
  security?: Record<string, string[]>[]
}

export interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: Schema
}

export interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  enum?: unknown[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  maxItems?: number
  default?: unknown
}

export interface Entry {
  id: string
  method: string
  path: string
  operation: Operation
}

export interface Group {
  tag: string
  entries: Entry[]
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** The operations by their first tag, in the order of paths and methods. */
export function groups(document: Document): Group[] {
  const byTag = new Map<string, Entry[]>()
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method]
      if (!operation) continue
      const tag = operation.tags?.[0] ?? ''
      byTag.set(tag, [...(byTag.get(tag) ?? []), { id: operation.operationId, method, path, operation }])
    }
  }
  return [...byTag]
    .map(([tag, entries]) => ({ tag, entries }))
    .sort((a, b) => a.tag.localeCompare(b.tag, 'en'))
}

/** Follows a reference into the components; gives the name that it had. */
export function resolve(document: Document, schema: Schema): { name: string | undefined; schema: Schema } {
  const name = schema.$ref?.split('/').pop()
  const found = name === undefined ? undefined : document.components?.schemas?.[name]
  return { name, schema: found ?? schema }
}

/** A type in words: string (uuid), integer 5…1440, array of Meeting, "a" | "b". */
export function typeWords(document: Document, schema: Schema): string {
  const { name, schema: resolved } = resolve(document, schema)
  if (name) return name
  if (resolved.enum) return resolved.enum.map((value) => JSON.stringify(value)).join(' | ')
  const types = [resolved.type ?? 'any'].flat()
  const words = types.map((type) =>
    type === 'array' && resolved.items ? `${typeWords(document, resolved.items)}[]` : type,
  )
  return [words.join(' | '), resolved.format && `(${resolved.format})`, limits(resolved)]
    .filter(Boolean)
    .join(' ')
}

function limits(schema: Schema): string {
  const range = (from: number | undefined, to: number | undefined) =>
    from === undefined && to === undefined ? '' : `${from ?? ''}…${to ?? ''}`
  return [range(schema.minimum, schema.maximum), range(schema.minLength, schema.maxLength ?? schema.maxItems)]
    .filter(Boolean)
    .join(' ')
}

/** The scopes with which a token may call the operation; null when none may. */
export function tokenScopes(operation: Operation): string[] | null {
  const bearer = operation.security?.find((requirement) => 'bearer' in requirement)
  return bearer?.bearer ?? null
}

export function bodyOf(
  content: Record<string, { schema?: Schema }> | undefined,
): { type: string; schema: Schema } | null {
  const [first] = Object.entries(content ?? {})
  return first?.[1].schema ? { type: first[0], schema: first[1].schema } : null
}
