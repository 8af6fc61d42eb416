import type { ReactNode } from 'react'

/** The heading of one page of the administration, and its main act. */
export function Head({ title, lead, children }: { title: string; lead?: string; children?: ReactNode }) {
  return (
    <>
      <header className="ad-head">
        <h2 data-page-heading tabIndex={-1}>
          {title}
        </h2>
        {children}
      </header>
      {lead && <p className="ad-lead">{lead}</p>}
    </>
  )
}
