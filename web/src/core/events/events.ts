import type { WireMessage } from '../chat/state'

/** What the server tells while one is signed in. A newer server may send other types; nobody listens to those. */
export type StreamEvent =
  /** The stream is complete from here on. */
  | { type: 'ready' }
  /** Something may have been missed: ask again for what is open. */
  | { type: 'resync' }
  | { type: 'message'; conversationId: string; message: WireMessage }
  /** Read up to here by oneself, perhaps on another device. */
  | { type: 'read'; conversationId: string; seq: number }
  | {
      type: 'meeting'
      meetingId: string
      code: string
      status: 'scheduled' | 'running' | 'ended'
      participantCount: number
    }
  | { type: 'pong' }

export type EventType = StreamEvent['type']
export type EventOf<T extends EventType> = Extract<StreamEvent, { type: T }>
