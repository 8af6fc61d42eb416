import type { SettingsChange } from './state'
import type { ClientMessage, Source } from './wire'

/** What one may ask of the meeting itself: each is one message, and a refusal becomes a notice. */
export abstract class MeetingCommands {
  protected abstract command(message: ClientMessage): void

  endForAll(): void {
    this.command({ type: 'end' })
  }

  raiseHand(raised: boolean): void {
    this.command({ type: 'raiseHand', raised })
  }

  react(emoji: string): void {
    this.command({ type: 'sendReaction', emoji })
  }

  admit(ids: string[] | 'all'): void {
    this.command(ids === 'all' ? { type: 'admit', all: true } : { type: 'admit', participantIds: ids })
  }

  refuse(participantIds: string[]): void {
    this.command({ type: 'refuse', participantIds })
  }

  mute(participantId: string, source: Source): void {
    this.command({ type: 'muteParticipant', participantId, source })
  }

  muteAll(): void {
    this.command({ type: 'muteAll' })
  }

  askUnmute(participantId: string, source: Source): void {
    this.command({ type: 'askUnmute', participantId, source })
  }

  remove(participantId: string): void {
    this.command({ type: 'remove', participantId })
  }

  /** Lowers one hand, or all of them. */
  lowerHand(participantId?: string): void {
    this.command({ type: 'lowerHands', ...(participantId ? { participantId } : {}) })
  }

  setRole(participantId: string, role: 'cohost' | 'participant'): void {
    this.command({ type: 'setRole', participantId, role })
  }

  transferHost(participantId: string): void {
    this.command({ type: 'transferHost', participantId })
  }

  spotlight(participantId: string | null): void {
    this.command({ type: 'spotlight', participantId: participantId ?? '' })
  }

  /** Presents a board that is open to everybody; null ends it. */
  presentBoard(boardId: string | null): void {
    this.command({ type: 'presentBoard', boardId: boardId ?? '' })
  }

  updateSettings(change: SettingsChange): void {
    this.command({ type: 'updateSettings', ...change })
  }
}
