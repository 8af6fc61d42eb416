import type { components } from './schema'

type Schemas = components['schemas']

export type Me = Schemas['Me']
export type User = Schemas['Account']
export type Person = Schemas['Person']
export type Department = Schemas['Department']
export type Session = Schemas['Session']
export type Invitation = Schemas['Invitation']
export type Token = Schemas['Token']
export type TokenScope = Schemas['TokenRequest']['scopes'][number]
export type MeetingSummary = Schemas['Meeting']
export type Meeting = Schemas['MeetingDetail']
export type MeetingDraft = Schemas['MeetingDraft']
export type Attendance = Schemas['AttendanceEntry']
