import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Icon } from '@/ui/Icon'
import { Time } from '@/ui/Time'
import { BoardThumbnail } from './BoardCard'
import { meetingBoardsQuery } from './queries'
import './boards.css'

/** The boards that were open in a meeting, on the meeting's page; nothing where there were none. */
export function MeetingBoards({ meetingId }: { meetingId: string }) {
  const { t } = useTranslation('boards')
  const { data: boards = [] } = useQuery(meetingBoardsQuery(meetingId))
  if (boards.length === 0) return null
  return (
    <section>
      <h2>
        {t('title')} <span className="num">{boards.length}</span>
      </h2>
      <ul className="rows bd-rows">
        {boards.map((board) => (
          <li key={board.id}>
            <Link to="/boards/$boardId" params={{ boardId: board.id }}>
              <BoardThumbnail board={board} />
              <span className="grow">
                <b className="ellipsis">{board.title}</b>
                <small>
                  <Time at={board.updatedAt} words={(time) => t('card.updated', { time })} />
                </small>
              </span>
              <Icon name="right" size={16} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
