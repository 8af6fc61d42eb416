import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { meQuery, queryClient } from '@/core/api/queries'
import { withTexts } from '@/i18n/lazy'
import { CrashPage } from './CrashPage'
import { isDemo } from './demo'
import { NotFoundPage } from './NotFoundPage'
import { Shell } from './Shell'

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

const root = createRootRoute({
  component: Outlet,
  errorComponent: CrashPage,
  notFoundComponent: NotFoundPage,
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async () => {
    const known = await queryClient.ensureQueryData(meQuery)
    throw redirect({ to: !known && (await isDemo()) ? '/demo' : '/meetings', replace: true })
  },
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { next?: string } => {
    const next = text(search.next)
    return next ? { next } : {}
  },
  component: lazyRouteComponent(() => import('./SignInRoute'), 'SignInRoute'),
})

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./SignInRoute'), 'SetupRoute'),
})

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invite/$token',
  component: lazyRouteComponent(() => import('./SignInRoute'), 'InvitationRoute'),
})

const passwordReset = createRoute({
  getParentRoute: () => root,
  path: '/reset/$token',
  component: lazyRouteComponent(() => import('./SignInRoute'), 'PasswordResetRoute'),
})

const demo = createRoute({
  getParentRoute: () => root,
  path: '/demo',
  component: lazyRouteComponent(() => import('./DemoRoute'), 'DemoRoute'),
})

const developer = createRoute({
  getParentRoute: () => root,
  path: '/developer',
  component: lazyRouteComponent(() => import('@/features/developer/DeveloperPage'), 'DeveloperPage'),
})

const meetingRoom = createRoute({
  getParentRoute: () => root,
  path: '/m/$code',
  component: lazyRouteComponent(() => import('./MeetingRoute'), 'MeetingRoute'),
})

const meetingLeft = createRoute({ getParentRoute: () => meetingRoom, path: '/left', component: () => null })

/** Pages inside the shell, for those who are signed in. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ location }) => {
    if (await queryClient.ensureQueryData(meQuery)) return
    const next = location.href === '/meetings' ? {} : { next: location.href }
    throw redirect({ to: '/login', search: next, replace: true })
  },
  component: Shell,
})

const meetingViews = ['coming', 'past'] as const
export type MeetingView = (typeof meetingViews)[number]

const meetings = createRoute({
  getParentRoute: () => app,
  path: '/meetings',
  validateSearch: (search: Record<string, unknown>): { view?: MeetingView } =>
    search.view === 'past' ? { view: 'past' } : {},
  component: lazyRouteComponent(() => import('./MeetingsRoute'), 'MeetingsRoute'),
})

const meetingsStart = createRoute({
  getParentRoute: () => meetings,
  path: '/',
  component: lazyRouteComponent(() => import('./MeetingsRoute'), 'MeetingsStartRoute'),
})

const meeting = createRoute({
  getParentRoute: () => meetings,
  path: '$meetingId',
  component: lazyRouteComponent(() => import('./MeetingDetailRoute'), 'MeetingDetailRoute'),
})

const meetingQuality = createRoute({
  getParentRoute: () => app,
  path: '/meetings/$meetingId/quality',
  validateSearch: (search: Record<string, unknown>): { session?: string; trouble?: boolean } => {
    const session = text(search.session)
    return { ...(session ? { session } : {}), ...(search.trouble === true ? { trouble: true } : {}) }
  },
  component: lazyRouteComponent(() => import('./QualityRoute'), 'QualityRoute'),
})

const boardViews = ['recent', 'mine', 'shared', 'department', 'trash'] as const
export type BoardView = (typeof boardViews)[number]

const boards = createRoute({
  getParentRoute: () => app,
  path: '/boards',
  validateSearch: (
    search: Record<string, unknown>,
  ): { view?: BoardView; department?: string; q?: string } => {
    const view = boardViews.find((one) => one === search.view)
    const [department, q] = [text(search.department), text(search.q)]
    return {
      ...(view && view !== 'recent' ? { view } : {}),
      ...(department ? { department } : {}),
      ...(q ? { q } : {}),
    }
  },
  component: lazyRouteComponent(() => withTexts(import('./BoardsRoute'), 'boards'), 'BoardsRoute'),
})

const board = createRoute({
  getParentRoute: () => app,
  path: '/boards/$boardId',
  component: lazyRouteComponent(() => withTexts(import('./BoardRoute'), 'boards', 'board'), 'BoardRoute'),
})

const boardHistory = createRoute({
  getParentRoute: () => app,
  path: '/boards/$boardId/history',
  component: lazyRouteComponent(
    () => withTexts(import('./BoardHistoryRoute'), 'boards', 'board'),
    'BoardHistoryRoute',
  ),
})

const directory = createRoute({
  getParentRoute: () => app,
  path: '/directory',
  validateSearch: (search: Record<string, unknown>): { department?: string; person?: string } => {
    const [department, person] = [text(search.department), text(search.person)]
    return { ...(department ? { department } : {}), ...(person ? { person } : {}) }
  },
  component: lazyRouteComponent(() => import('@/features/directory/DirectoryPage'), 'DirectoryPage'),
})

const admin = createRoute({
  getParentRoute: () => app,
  path: '/admin',
  beforeLoad: async () => {
    const me = await queryClient.ensureQueryData(meQuery)
    if (me && me.user.role === 'member') throw redirect({ to: '/meetings', replace: true })
  },
  component: lazyRouteComponent(() => import('@/features/admin/AdminPage'), 'AdminPage'),
})

const adminStart = createRoute({
  getParentRoute: () => admin,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/admin/people', replace: true })
  },
})

const adminPeople = createRoute({
  getParentRoute: () => admin,
  path: 'people',
  component: lazyRouteComponent(() => import('@/features/admin/PeopleAdmin'), 'PeopleAdmin'),
})

const adminInvitations = createRoute({
  getParentRoute: () => admin,
  path: 'invitations',
  component: lazyRouteComponent(() => import('@/features/admin/InvitationsAdmin'), 'InvitationsAdmin'),
})

const adminDepartments = createRoute({
  getParentRoute: () => admin,
  path: 'departments',
  component: lazyRouteComponent(() => import('@/features/admin/DepartmentsAdmin'), 'DepartmentsAdmin'),
})

const adminQuality = createRoute({
  getParentRoute: () => admin,
  path: 'quality',
  component: lazyRouteComponent(() => import('@/features/quality/RunsAdmin'), 'RunsAdmin'),
})

const adminCompany = createRoute({
  getParentRoute: () => admin,
  path: 'company',
  component: lazyRouteComponent(() => import('@/features/admin/CompanyAdmin'), 'CompanyAdmin'),
})

const profile = createRoute({
  getParentRoute: () => app,
  path: '/profile',
  component: lazyRouteComponent(() => import('./ProfileRoute'), 'ProfileRoute'),
})

const tree = root.addChildren([
  home,
  signIn,
  setup,
  invitation,
  passwordReset,
  demo,
  developer,
  meetingRoom.addChildren([meetingLeft]),
  app.addChildren([
    meetings.addChildren([meetingsStart, meeting]),
    meetingQuality,
    boards,
    board,
    boardHistory,
    directory,
    admin.addChildren([
      adminStart,
      adminPeople,
      adminInvitations,
      adminDepartments,
      adminQuality,
      adminCompany,
    ]),
    profile,
  ]),
])

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  defaultPendingMs: 300,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
