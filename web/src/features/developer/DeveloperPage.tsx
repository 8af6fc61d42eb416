import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/core/api/error'
import { Icon } from '@/ui/Icon'
import { LanguageMenu } from '@/ui/LanguageMenu'
import { Logo } from '@/ui/Logo'
import { Loaded } from '@/ui/states'
import { usePageTitle } from '@/ui/usePage'
import { OperationView } from './OperationView'
import { type Document, type Group, groups } from './openapi'
import './developer.css'

const documentUrl = '/api/openapi.json'

async function fetchDocument(): Promise<Document> {
  const response = await fetch(documentUrl)
  if (!response.ok) throw new ApiError(response.status, {})
  return (await response.json()) as Document
}

/** The REST API, readable: made from the document that the server itself answers. */
export function DeveloperPage() {
  const { t } = useTranslation(['developer', 'common'])
  usePageTitle(t('title'))
  const document = useQuery({
    queryKey: ['openapi'],
    queryFn: fetchDocument,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <div className="dev">
      <header>
        <a href="/meetings" className="dev-home" aria-label={t('common:notFound.home')}>
          <Logo />
        </a>
        <b>{t('title')}</b>
        <span className="grow" />
        <LanguageMenu />
        <a className="btn line" href={documentUrl} download="parley-openapi.json" aria-label="OpenAPI 3.1">
          <Icon name="download" size={16} />
          <span>OpenAPI 3.1</span>
        </a>
      </header>
      <Loaded query={document} failed={t('failed')} rows={8}>
        {(data) => <Reference document={data} />}
      </Loaded>
    </div>
  )
}

function Reference({ document }: { document: Document }) {
  const { t } = useTranslation('developer')
  const parts = groups(document)
  const base = document.servers?.[0]?.url ?? ''
  return (
    <div className="dev-body">
      <Contents parts={parts} />
      <main>
        <section className="dev-intro">
          <h1>{t('heading')}</h1>
          <p>{t('intro')}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keyboard */}
          <pre tabIndex={0}>
            <code>{`curl -H "Authorization: Bearer $TOKEN" ${window.location.origin}${base}/me`}</code>
          </pre>
          <p className="muted">{t('errors')}</p>
        </section>
        {parts.map((part) => (
          <section key={part.tag} aria-labelledby={`tag-${part.tag}`}>
            <h2 id={`tag-${part.tag}`}>{part.tag}</h2>
            {part.entries.map((entry) => (
              <OperationView key={entry.id} document={document} entry={entry} base={base} />
            ))}
          </section>
        ))}
      </main>
    </div>
  )
}

function Contents({ parts }: { parts: Group[] }) {
  const { t } = useTranslation('developer')
  return (
    <nav aria-label={t('contents')}>
      {parts.map((part) => (
        <section key={part.tag}>
          <a href={`#tag-${part.tag}`} className="tag-link">
            {part.tag}
          </a>
          <ul>
            {part.entries.map((entry) => (
              <li key={entry.id}>
                <a href={`#${entry.id}`}>
                  <span className={`verb ${entry.method}`}>{entry.method}</span>
                  <span className="ellipsis">{entry.path}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  )
}
