import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Board, Me } from '@/core/api/types'
import { Icon } from '@/ui/Icon'
import { Time } from '@/ui/Time'
import { BoardMenu } from './BoardMenu'
import { marked, type Part } from './marked'

interface BoardCardProps {
  board: Board
  me: Me
  /** What was searched for; empty where nothing was. */
  query: string
}

/** A board in a list: its picture, its title, whose it is and when it changed. */
export function BoardCard({ board, me, query }: BoardCardProps) {
  const meta = useId()
  return (
    <article className="bd-card">
      <BoardThumbnail board={board} />
      <div className="bd-text">
        <Link
          to="/boards/$boardId"
          params={{ boardId: board.id }}
          aria-describedby={meta}
          title={board.title}
          className="ellipsis"
        >
          <Marked text={board.title} query={query} />
        </Link>
        <BoardMenu board={board} />
        <div id={meta} className="bd-meta">
          {query && board.snippet && (
            <p className="bd-snippet">
              <Parts parts={board.snippet} />
            </p>
          )}
          <p className="ellipsis">
            <Who board={board} me={me} /> · <Time at={board.updatedAt} />
          </p>
          <Tags board={board} />
        </div>
      </div>
    </article>
  )
}

export function BoardThumbnail({ board }: { board: Pick<Board, 'thumbnailUrl'> }) {
  const [broken, setBroken] = useState<string>()
  const url = board.thumbnailUrl
  return (
    <div className="bd-pic">
      {url && url !== broken ? (
        <img src={url} alt="" loading="lazy" decoding="async" onError={() => setBroken(url)} />
      ) : (
        <Icon name="board" size={24} />
      )}
    </div>
  )
}

/** Whose board it is; among one's own, who changed it last. */
function Who({ board, me }: { board: Board; me: Me }) {
  const { t } = useTranslation('boards')
  if (board.owner.id !== me.user.id) return board.owner.name
  if (board.updatedBy?.name && board.updatedBy.key !== `user:${me.user.id}`)
    return t('card.changedBy', { name: board.updatedBy.name })
  return t('card.mine')
}

function Tags({ board }: { board: Board }) {
  const { t } = useTranslation('boards')
  const limited = board.role === 'viewer' || board.role === 'commenter' ? board.role : null
  const { departmentName } = board.place
  if (!limited && !departmentName && board.sharedWith === 0) return null
  return (
    <p className="bd-tags">
      {limited && (
        <span className="tag">
          <Icon name="eye" size={14} />
          {t(`may.${limited}`)}
        </span>
      )}
      {departmentName && (
        <span className="tag">
          <Icon name="folder" size={14} />
          <span className="ellipsis">{departmentName}</span>
        </span>
      )}
      {board.sharedWith > 0 && (
        <span className="tag" title={t('card.shared', { count: board.sharedWith })}>
          <Icon name="people" size={14} />
          <span aria-hidden="true" className="num">
            {board.sharedWith}
          </span>
          <span className="sr">{t('card.shared', { count: board.sharedWith })}</span>
        </span>
      )}
    </p>
  )
}

export function Marked({ text, query }: { text: string; query: string }) {
  return <Parts parts={marked(text, query)} />
}

function Parts({ parts }: { parts: readonly Part[] }) {
  let at = 0
  return parts.map(({ text, hit }) => {
    const key = at
    at += text.length
    return hit ? <mark key={key}>{text}</mark> : <span key={key}>{text}</span>
  })
}
