type Op<P, B, R> = {
  parameters: P & { header?: never; cookie?: never }
  requestBody: B extends never ? never : { content: { 'application/json': B } }
  responses: { 200: { content: { 'application/json': R } }; default: { content: { 'application/problem+json': components['schemas']['Problem'] } } }
}
type NoBody<P, R> = {
  parameters: P
  requestBody?: never
  responses: { 200: { content: { 'application/json': R } }; default: { content: { 'application/problem+json': components['schemas']['Problem'] } } }
}
type None = { query?: never; path?: never }
type Id = { path: { id: string }; query?: never }
type S = components['schemas']
export interface paths {
  '/setup': { get: NoBody<None, S['SetupState']>; post: Op<None, S['SetupBody'], S['SessionBody']> }
  '/sessions': { get: NoBody<None, { items: S['Session'][] }>; post: Op<None, { login: string; password: string }, S['SessionBody']> }
  '/sessions/current': { delete: NoBody<None, never> }
  '/sessions/{id}': { delete: NoBody<Id, never> }
  '/me': { get: NoBody<None, S['Me']>; patch: Op<None, { name?: string; locale?: string; email?: string }, S['Me']> }
  '/me/password': { post: Op<None, { current: string; next: string }, never> }
  '/me/avatar': { put: NoBody<None, S['Me']>; delete: NoBody<None, S['Me']> }
  '/invitations': { get: NoBody<None, { items: S['Invitation'][] }>; post: Op<None, { email?: string; role: string; departmentIds: string[]; expiresInHours: number }, S['InvitationCreated']> }
  '/invitations/{id}': { delete: NoBody<Id, never> }
  '/invitations/by-token/{token}': { get: NoBody<{ path: { token: string }; query?: never }, { companyName: string; inviterName: string }> }
  '/invitations/by-token/{token}/accept': { post: Op<{ path: { token: string }; query?: never }, { name: string; login: string; password: string; locale: string }, S['SessionBody']> }
  '/tokens': { get: NoBody<None, { items: S['Token'][] }>; post: Op<None, { name: string; scopes: string[]; expiresAt?: string }, S['TokenCreated']> }
  '/tokens/{id}': { delete: NoBody<Id, never> }
  '/users/{id}': { patch: Op<Id, { role?: string; disabled?: boolean; departmentIds?: string[] }, S['Person']> }
  '/users/{id}/password-link': { post: NoBody<Id, { url: string }> }
  '/password-resets/{token}': { post: Op<{ path: { token: string }; query?: never }, { password: string }, never> }
  '/departments': { get: NoBody<None, { items: S['Department'][] }>; post: Op<None, { name: string; parentId?: string; sort?: number }, S['Department']> }
  '/departments/{id}': { patch: Op<Id, { name?: string; parentId?: string; sort?: number }, S['Department']>; delete: NoBody<Id, never> }
  '/people': { get: NoBody<{ query?: { q?: string; departmentId?: string; cursor?: string; limit?: number }; path?: never }, { items: S['Person'][]; nextCursor?: string }> }
  '/company': { get: NoBody<None, { name: string }>; patch: Op<None, { name: string }, { name: string }> }
  '/meetings': { get: NoBody<{ query: { view: 'running' | 'coming' | 'past'; cursor?: string }; path?: never }, { items: S['MeetingSummary'][]; nextCursor?: string }>; post: Op<None, S['MeetingBody'], S['Meeting']> }
  '/meetings/{id}': { get: NoBody<Id, S['Meeting']>; patch: Op<Id, Partial<S['MeetingBody']>, S['Meeting']>; delete: NoBody<Id, never> }
  '/meetings/{id}/invitation': { get: NoBody<{ path: { id: string }; query?: { locale?: string } }, { text: string }> }
  '/meetings/{id}/attendance': { get: NoBody<Id, { items: S['Attendance'][] }> }
  '/demo/people': { get: NoBody<None, { items: S['Person'][] }> }
  '/demo/sessions': { post: Op<None, { userId: string }, S['SessionBody']> }
}
export interface components {
  schemas: {
    Problem: { status: number; title?: string; detail?: string; code: string; params?: Record<string, unknown>; errors?: { location: string; message: string; value?: unknown }[] }
    SetupState: { needed: boolean; companyName?: string }
    SetupBody: { token: string; companyName: string; name: string; login: string; password: string; locale: string }
    SessionBody: { user: S['User'] }
    User: { id: string; name: string; login: string; email?: string; role: 'owner' | 'admin' | 'member'; locale: string; avatarUrl?: string; departments: { id: string; name: string }[] }
    Me: { user: S['User']; company: { name: string }; modules: string[]; permissions: string[] }
    Session: { id: string; device: string; address: string; createdAt: string; lastSeenAt: string; current: boolean }
    Invitation: { id: string; email?: string; role: 'owner' | 'admin' | 'member'; departmentIds: string[]; inviterName: string; createdAt: string; expiresAt: string }
    InvitationCreated: { id: string; url: string }
    Token: { id: string; name: string; scopes: string[]; createdAt: string; expiresAt?: string; lastUsedAt?: string }
    TokenCreated: S['Token'] & { secret: string }
    Department: { id: string; parentId?: string; name: string; sort: number; memberCount: number }
    Person: { id: string; name: string; login: string; email?: string; role: 'owner' | 'admin' | 'member'; avatarUrl?: string; departments: { id: string; name: string }[]; disabled?: boolean }
    MeetingBody: { title?: string; startsAt?: string; durationMinutes?: number; timezone?: string; rrule?: string; inviteeIds?: string[]; coHostIds?: string[]; lobby?: boolean; guestsAllowed?: boolean; whoMayShare?: 'everyone' | 'hosts' }
    MeetingPerson: { id: string; name: string; avatarUrl?: string }
    MeetingSummary: { id: string; code: string; title: string; url: string; status: 'scheduled' | 'running' | 'ended'; cancelled: boolean; instant: boolean; startsAt: string; durationMinutes: number; timezone: string; rrule?: string; nextOccurrence: string | null; startedAt: string | null; endedAt: string | null; host: S['MeetingPerson']; participantCount: number; inviteeCount: number; mine: boolean; canEdit: boolean; conversationId: string }
    Meeting: S['MeetingSummary'] & { lobby: boolean; guestsAllowed: boolean; whoMayShare: 'everyone' | 'hosts'; chatAllowed: boolean; invitees: (S['MeetingPerson'] & { coHost: boolean })[]; canCancel: boolean }
    Attendance: { participantId: string; userId?: string; name: string; guest: boolean; joinedAt: string; leftAt?: string }
  }
}
