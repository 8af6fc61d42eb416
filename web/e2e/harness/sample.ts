import { type Account, invite, type Meeting, startMeeting } from './company'
import type { Server } from './server'

/** What the sample company holds besides people and departments. */
export interface Sample {
  scheduled: Meeting
  running: Meeting
  invitationUrl: string
}

/** Fills the company so that no page is empty. */
export async function populate(server: Server, owner: Account): Promise<Sample> {
  const departments: string[] = []
  for (const name of ['产品研发部', '华南分公司', 'Finance']) {
    departments.push((await owner.call<{ id: string }>('POST', '/departments', { name })).id)
  }
  const people = [
    ['陈雨桐', 'yutong'],
    ['赵启明', 'qiming'],
    ['Ana Ruiz', 'ana'],
    ['Kenji Mori', 'kenji'],
  ] as const
  for (const [name, login] of people) await invite(server, owner, name, login)
  const tomorrow = new Date(Date.now() + 86_400_000)
  tomorrow.setUTCHours(2, 0, 0, 0)
  const scheduled = await startMeeting(owner, {
    title: '月度运营会',
    startsAt: tomorrow.toISOString(),
    durationMinutes: 60,
    timezone: 'Asia/Shanghai',
    rrule: 'FREQ=MONTHLY',
    lobby: true,
  })
  const running = await startMeeting(owner)
  const { url } = await owner.call<{ url: string }>('POST', '/invitations', {
    role: 'member',
    departmentIds: departments.slice(0, 1),
    expiresInHours: 24,
  })
  return { scheduled, running, invitationUrl: url }
}
