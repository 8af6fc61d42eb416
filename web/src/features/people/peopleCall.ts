import type { CallSnapshot, SettingsChange } from '@/core/meeting/state'
import type { Source } from '@/core/meeting/wire'
import type { Store } from '@/core/store'

/** What the people panel needs of a call. */
export interface PeopleCall extends Store<CallSnapshot> {
  rename(name: string): Promise<void>
  admit(ids: string[] | 'all'): void
  refuse(ids: string[]): void
  mute(participantId: string, source: Source): void
  muteAll(): void
  askUnmute(participantId: string, source: Source): void
  remove(participantId: string): void
  lowerHand(participantId?: string): void
  setRole(participantId: string, role: 'cohost' | 'participant'): void
  transferHost(participantId: string): void
  spotlight(participantId: string | null): void
  updateSettings(change: SettingsChange): void
}
