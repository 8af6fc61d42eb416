import type { components } from './schema'

type Schemas = components['schemas']

export type Me = Schemas['Me']
export type User = Schemas['User']
export type Person = Schemas['Person']
export type Department = Schemas['Department']
export type Session = Schemas['Session']
export type Invitation = Schemas['Invitation']
export type Token = Schemas['Token']
export type Meeting = Schemas['Meeting']
export type MeetingSummary = Schemas['MeetingSummary']
export type MeetingBody = Schemas['MeetingBody']
export type Attendance = Schemas['Attendance']
export type TokenScope =
  | 'meetings:read'
  | 'meetings:write'
  | 'chat:read'
  | 'chat:write'
  | 'directory:read'
  | 'directory:write'
  | 'admin'
