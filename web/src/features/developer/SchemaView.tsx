import { useTranslation } from 'react-i18next'
import { type Document, resolve, type Schema, typeWords } from './openapi'

const deepest = 4

interface SchemaViewProps {
  document: Document
  schema: Schema
  /** In an answer nothing is required of the reader. */
  answer?: boolean
  depth?: number
}

/** The fields of an object; what a field holds can be opened below it. */
export function SchemaView({ document, schema, answer = false, depth = 0 }: SchemaViewProps) {
  const { schema: resolved } = resolve(document, schema)
  const inner =
    resolved.type === 'array' && resolved.items ? resolve(document, resolved.items).schema : resolved
  if (!inner.properties) return <p className="op-text">{typeWords(document, schema)}</p>
  const required = new Set(inner.required)
  const fields = Object.entries(inner.properties).map(([name, property]) => ({
    name,
    note: '',
    required: !answer && required.has(name),
    schema: property,
  }))
  return <Fields document={document} fields={fields} answer={answer} depth={depth} />
}

interface FieldsProps {
  document: Document
  fields: { name: string; note: string; required: boolean; schema: Schema }[]
  answer?: boolean
  depth?: number
}

export function Fields({ document, fields, answer = false, depth = 0 }: FieldsProps) {
  const { t } = useTranslation('developer')
  return (
    <ul className="fields">
      {fields.map(({ name, note, required, schema }) => (
        <li key={name}>
          <code className="field-name">{name}</code>{' '}
          <span className="field-type">{typeWords(document, schema)}</span>
          {note && <span className="muted"> {note}</span>}
          {required && <span className="field-required"> {t('required')}</span>}
          {schema.default !== undefined && <span className="muted"> = {JSON.stringify(schema.default)}</span>}
          {schema.description && <p>{schema.description}</p>}
          {hasFields(document, schema) && depth < deepest && (
            <details>
              <summary>{t('fields')}</summary>
              <SchemaView document={document} schema={schema} answer={answer} depth={depth + 1} />
            </details>
          )}
        </li>
      ))}
    </ul>
  )
}

function hasFields(document: Document, schema: Schema): boolean {
  const { schema: resolved } = resolve(document, schema)
  const inner = resolved.items ? resolve(document, resolved.items).schema : resolved
  return inner.properties !== undefined
}
