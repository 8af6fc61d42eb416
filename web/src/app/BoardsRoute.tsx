import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { meQuery } from '@/core/api/queries'
import { BoardsPage } from '@/features/boards/BoardsPage'

export function BoardsRoute() {
  const { data: me } = useQuery(meQuery)
  const { view = 'recent', department, q = '' } = useSearch({ from: '/app/boards' })
  const navigate = useNavigate()
  if (!me) return null
  return (
    <BoardsPage
      me={me}
      view={view}
      departmentId={department}
      query={q}
      onQuery={(words) =>
        void navigate({
          to: '/boards',
          search: {
            ...(view === 'recent' ? {} : { view }),
            ...(department ? { department } : {}),
            ...(words ? { q: words } : {}),
          },
          replace: true,
        })
      }
    />
  )
}
