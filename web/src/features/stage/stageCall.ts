import { createContext, type ReactNode, use } from 'react'
import type { CallSnapshot, CallStats, SettingsChange, ShareOptions, ViewTile } from '@/core/meeting/state'
import type { Board, ContentHint, Source } from '@/core/meeting/wire'
import type { Store } from '@/core/store'
import type { ViewReporter } from './viewReporter'

/** What the stage needs of a call. */
export interface StageCall extends Store<CallSnapshot> {
  leave(): void
  endForAll(): void
  dismissNotice(key: string): void
  resumeAudio(): Promise<void>
  toggleMicrophone(): void
  setMicrophone(on: boolean): void
  toggleCamera(): void
  setCamera(on: boolean): void
  startShare(options?: ShareOptions): Promise<void>
  stopShare(): void
  setHint(hint: ContentHint): void
  raiseHand(up: boolean): void
  react(emoji: string): void
  mute(participantId: string, source: Source): void
  lowerHand(participantId?: string): void
  spotlight(participantId: string | null): void
  /** Shows an open board to all, or none any more. */
  presentBoard(boardId: string | null): void
  updateSettings(change: SettingsChange): void
  setView(tiles: ViewTile[]): void
  stats(): Promise<CallStats>
}

/** What the stage needs of the devices. */
export interface StageDevices {
  selectMicrophone(id: string): Promise<void>
  selectCamera(id: string): Promise<void>
  selectSpeaker(id: string): Promise<void>
  flipCamera(): Promise<void>
  testSpeaker(): Promise<void>
}

/** Parts of another feature that the stage shows boards with. */
export interface StageBoards {
  editor: (board: Board) => ReactNode
  /** Chooses one of one's own boards; absent for guests, who have none. */
  picker: ((props: { onPick: (boardId: string) => void; onClose: () => void }) => ReactNode) | null
}

/** What every part of the stage may reach. */
export interface StageScope {
  call: StageCall
  devices: StageDevices
  reporter: ViewReporter
  boards: StageBoards
}

export const StageContext = createContext<StageScope | null>(null)

export function useStage(): StageScope {
  const scope = use(StageContext)
  if (!scope) throw new Error('outside of the stage')
  return scope
}
