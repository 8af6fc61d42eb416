import type { Server } from './server'

/** A signed-in person, for calls to the API and for a browser's cookies. */
export class Account {
  constructor(
    private readonly server: Server,
    readonly name: string,
    readonly session: string,
  ) {}

  /** Calls the API; throws with the answer's text when it is an error. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { data } = await request<T>(this.server, method, path, body, `parley_session=${this.session}`)
    return data
  }

  /** The cookie for a browser context. */
  cookie(url: string) {
    return { name: 'parley_session', value: this.session, url, httpOnly: true }
  }
}

export interface Meeting {
  id: string
  code: string
  conversationId: string
}

export const password = 'correct horse battery staple'

/** Names the company and makes its owner. */
export async function makeCompany(server: Server, name = 'Maya Chen'): Promise<Account> {
  const token = server.setupLink.split('#')[1]
  const body = { token, companyName: 'Northwind', name, login: 'maya', password, locale: 'en' }
  return signedIn(server, name, '/setup', body)
}

/** Invites a person, who accepts. */
export async function invite(
  server: Server,
  owner: Account,
  name: string,
  login: string,
  locale = 'en',
): Promise<Account> {
  const invitation = await owner.call<{ url: string }>('POST', '/invitations', {
    role: 'member',
    departmentIds: [],
    expiresInHours: 24,
  })
  const token = invitation.url.split(/[/#]/).pop()
  return signedIn(server, name, `/invitations/by-token/${token}/accept`, { name, login, password, locale })
}

/** Starts a meeting now. */
export function startMeeting(account: Account, settings: Record<string, unknown> = {}): Promise<Meeting> {
  return account.call<Meeting>('POST', '/meetings', {
    title: 'Weekly product review',
    lobby: false,
    guestsAllowed: true,
    whoMayShare: 'everyone',
    whoMayDraw: 'everyone',
    ...settings,
  })
}

/** Maya Chen, who made the company, Kenji Mori, and a meeting of Maya's. */
export async function twoMembers(
  server: Server,
  settings?: Record<string, unknown>,
): Promise<{ owner: Account; second: Account; meeting: Meeting }> {
  const owner = await makeCompany(server)
  const second = await invite(server, owner, 'Kenji Mori', 'kenji')
  return { owner, second, meeting: await startMeeting(owner, settings) }
}

async function signedIn(server: Server, name: string, path: string, body: unknown): Promise<Account> {
  const { cookies } = await request(server, 'POST', path, body)
  const session = cookies.map((c) => /^parley_session=([^;]+)/.exec(c)?.[1]).find(Boolean)
  if (!session) throw new Error(`${path} set no session`)
  return new Account(server, name, session)
}

async function request<T>(
  server: Server,
  method: string,
  path: string,
  body?: unknown,
  cookie?: string,
): Promise<{ data: T; cookies: string[] }> {
  const headers = new Headers({ origin: server.url })
  if (body !== undefined) headers.set('content-type', 'application/json')
  if (cookie) headers.set('cookie', cookie)
  const init: RequestInit = { method, headers }
  if (body !== undefined) init.body = JSON.stringify(body)
  const response = await fetch(`${server.url}/api/v1${path}`, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return { data: (text ? JSON.parse(text) : undefined) as T, cookies: response.headers.getSetCookie() }
}
