import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { ReviewedRun } from '@/core/api/types'
import { Button } from '@/ui/Button'
import { duration } from '@/ui/format'
import { Icon } from '@/ui/Icon'
import { Empty, Loaded } from '@/ui/states'
import { Time } from '@/ui/Time'
import { runsQuery } from './queries'
import './quality.css'

/** When people met lately, and where there was trouble with the connection. */
export function RunsAdmin() {
  const { t } = useTranslation(['quality', 'common'])
  const runs = useInfiniteQuery(runsQuery)
  return (
    <>
      <header className="ad-head">
        <h2 data-page-heading tabIndex={-1}>
          {t('title')}
        </h2>
      </header>
      <p className="ad-lead">{t('adminLead')}</p>
      <Loaded query={runs} failed={t('failed')}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0) {
            return (
              <Empty icon="signal" title={t('never')}>
                {t('neverDetail')}
              </Empty>
            )
          }
          return (
            <>
              <ul className="ad-rows">
                {items.map((run) => (
                  <RunRow key={run.sessionId} run={run} />
                ))}
              </ul>
              {runs.hasNextPage && (
                <div className="ad-more">
                  <Button
                    look="line"
                    busy={runs.isFetchingNextPage}
                    onClick={() => void runs.fetchNextPage()}
                  >
                    {t('common:action.loadMore')}
                  </Button>
                </div>
              )}
            </>
          )
        }}
      </Loaded>
    </>
  )
}

function RunRow({ run }: { run: ReviewedRun }) {
  const { t, i18n } = useTranslation('quality')
  return (
    <li>
      <Icon name="signal" />
      <span className="grow">
        <b>
          <Link
            className="ellipsis"
            to="/meetings/$meetingId/quality"
            params={{ meetingId: run.meetingId }}
            search={{ session: run.sessionId }}
          >
            {run.title}
          </Link>
        </b>
        <small>
          <Time at={run.startedAt} style="day" />
          {run.endedAt &&
            ` · ${duration(Date.parse(run.endedAt) - Date.parse(run.startedAt), i18n.language)}`}
          {` · ${run.host.name} · ${t('people', { count: run.participantCount })}`}
        </small>
      </span>
      <span className="ql-tags">
        {run.endedAt === null && <span className="tag ok">{t('live')}</span>}
        {run.troubledCount > 0 ? (
          <span className="tag warn">{t('troubled', { count: run.troubledCount })}</span>
        ) : (
          <span className="tag">{t('noTrouble')}</span>
        )}
      </span>
    </li>
  )
}
