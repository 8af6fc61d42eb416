import { useTranslation } from 'react-i18next'
import { bodyOf, type Document, type Entry, type Schema, tokenScopes } from './openapi'
import { Fields, SchemaView } from './SchemaView'

interface OperationViewProps {
  document: Document
  entry: Entry
  base: string
}

/** One operation: what it takes, what it answers, who may call it. */
export function OperationView({ document, entry, base }: OperationViewProps) {
  const { t } = useTranslation('developer')
  const { operation, method, path } = entry
  const scopes = tokenScopes(operation)
  const body = bodyOf(operation.requestBody?.content)
  const parameters = operation.parameters ?? []
  return (
    <article id={entry.id} className="op">
      <h3>{operation.summary ?? entry.id}</h3>
      <p className="op-line">
        <span className={`verb ${method}`}>{method}</span>
        <code>
          {base}
          {path}
        </code>
        {scopes === null ? (
          <span className="tag">{operation.security?.length ? t('noToken') : t('public')}</span>
        ) : (
          scopes.map((scope) => (
            <span className="tag brand" key={scope}>
              {scope}
            </span>
          ))
        )}
      </p>
      {operation.description && <p className="op-text">{operation.description}</p>}
      {parameters.length > 0 && (
        <>
          <h4>{t('parameters')}</h4>
          <Fields
            document={document}
            fields={parameters.map((parameter) => ({
              name: parameter.name,
              note: parameter.in,
              required: parameter.required ?? false,
              schema: describe(parameter.schema, parameter.description),
            }))}
          />
        </>
      )}
      {body && (
        <>
          <h4>
            {t('body')} <small>{body.type}</small>
          </h4>
          <SchemaView document={document} schema={body.schema} />
        </>
      )}
      <Answers document={document} entry={entry} />
    </article>
  )
}

function describe(schema: Schema | undefined, description: string | undefined): Schema {
  return { ...schema, ...(description ? { description } : {}) }
}

function Answers({ document, entry }: Omit<OperationViewProps, 'base'>) {
  const { t } = useTranslation('developer')
  const all = Object.entries(entry.operation.responses ?? {})
  const good = all.filter(([status]) => status.startsWith('2') || status === '101')
  const bad = all.filter(([status]) => !status.startsWith('2') && status !== '101')
  return (
    <>
      <h4>{t('answers')}</h4>
      {good.map(([status, response]) => {
        const body = bodyOf(response.content)
        return (
          <div key={status}>
            <p className="op-status">
              <span className="tag ok">{status}</span>
              {response.description}
            </p>
            {body && <SchemaView document={document} schema={body.schema} answer />}
          </div>
        )
      })}
      <ul className="op-faults">
        {bad.map(([status, response]) => (
          <li key={status}>
            <span className="tag">{status}</span>
            {codesOf(response.description).map((code) => (
              <code key={code}>{code}</code>
            ))}
          </li>
        ))}
      </ul>
    </>
  )
}

/** The codes stand in back quotes in the description of an answer. */
function codesOf(description: string | undefined): string[] {
  return [...(description ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1] ?? '')
}
