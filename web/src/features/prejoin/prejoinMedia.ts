import type { LocalMedia } from '@/core/meeting/state'
import type { Store } from '@/core/store'

/** What the pre-join page needs of the devices. */
export interface PreJoinMedia extends Store<LocalMedia> {
  start(wanted: { microphone: boolean; camera: boolean }): Promise<void>
  /** Lets go of both devices. */
  stop(): void
  setMicrophone(on: boolean): Promise<void>
  setCamera(on: boolean): Promise<void>
  selectMicrophone(id: string): Promise<void>
  selectCamera(id: string): Promise<void>
  selectSpeaker(id: string): Promise<void>
  flipCamera(): Promise<void>
  testSpeaker(): Promise<void>
}
