import type { WireMessage } from '../chat/state'

/** What the server tells while one is signed in. A newer server may send other types; nobody listens to those. */
export type StreamEvent =
  /** The stream is complete from here on. */
  | { type: 'ready'; pingSeconds?: number }
  /** Something may have been missed, in one conversation or anywhere: ask again for what is open. */
  | { type: 'resync'; conversationId?: string }
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
  /** A board is new, another one or gone for this person. */
  | { type: 'board'; boardId: string }
  /** The events of the conversation follow from here on. */
  | { type: 'subscribed'; conversationId: string }
  /** With a code: the right to read the conversation has ended. */
  | { type: 'unsubscribed'; conversationId: string; code?: string }
  | { type: 'error'; code: string; message: string; conversationId?: string }
  /** The server ends the stream; without reconnect it makes no sense to come back soon. */
  | { type: 'closing'; reason: string; reconnect: boolean }
  | { type: 'pong' }

export type EventType = StreamEvent['type']
export type EventOf<T extends EventType> = Extract<StreamEvent, { type: T }>
