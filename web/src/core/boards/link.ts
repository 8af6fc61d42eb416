import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { type Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { messageAwareness, WebsocketProvider } from 'y-websocket'
import type * as Y from 'yjs'
import { onWake, socketUrl } from '@/core/reconnect'
import type { Scope } from '@/core/scope'
import { type BoardEvent, readEvent } from './events'

/** Why the server will not have us back; `fault` is anything that coming again would not mend. */
export type ClosedWhy = 'signedOut' | 'denied' | 'gone' | 'fault'

export interface LinkListener {
  /** The connection stands, or is lost and will be tried again. */
  connected(isConnected: boolean): void
  /** Both sides have what the other has. */
  synced(): void
  event(event: BoardEvent): void
  closed(why: ClosedWhy): void
}

const messageEvent = 100
const maxBackoffMs = 8000
const closedWhy: Readonly<Record<number, ClosedWhy>> = { 4401: 'signedOut', 4403: 'denied', 4404: 'gone' }

interface LinkOptions {
  boardId: string
  doc: Y.Doc
  awareness: Awareness
  scope: Scope
  listener: LinkListener
  /** Where the server is. Defaults to what served the page. */
  base?: string | undefined
}

/** Opens the connection of a board and keeps it: a stock Yjs provider that also hears the server's events. */
export function openLink({ boardId, doc, awareness, scope, listener, base }: LinkOptions): void {
  const provider = new WebsocketProvider(socketUrl('/whiteboard', base), boardId, doc, {
    connect: false,
    awareness,
    params: { events: '1' },
    // Tabs hear each other through the server, which knows who may do what.
    disableBc: true,
    maxBackoffTime: maxBackoffMs,
  })
  provider.messageHandlers[messageEvent] = (_encoder, decoder) => {
    const event = readEvent(decoding.readVarString(decoder))
    if (event) listener.event(event)
  }
  sendOwnAwareness(provider, awareness, scope)
  provider.on('status', ({ status }) => {
    if (status === 'connected') listener.connected(true)
    if (status === 'disconnected') listener.connected(false)
  })
  provider.on('connection-close', () => listener.connected(false))
  provider.on('sync', (isSynced: boolean) => {
    if (isSynced) listener.synced()
  })
  provider.on('closed', ({ code }) => listener.closed(closedWhy[code] ?? 'fault'))
  scope.add(() => provider.destroy())
  onWake(scope, () => {
    // A failed attempt waits longer and longer; now there is a reason not to.
    if (provider.wsconnected || !provider.shouldConnect) return
    provider.wsUnsuccessfulReconnects = 0
    if (provider.ws === null) provider.connect()
  })
  if (typeof window !== 'undefined') {
    scope.listen(window, 'offline', () => {
      const { shouldConnect } = provider
      provider.disconnect()
      provider.shouldConnect = shouldConnect
    })
  }
  provider.connect()
}

/** The provider would send back what others say of themselves; only what is ours goes out. */
function sendOwnAwareness(provider: WebsocketProvider, awareness: Awareness, scope: Scope) {
  awareness.off('update', provider._awarenessUpdateHandler)
  const send = (_change: unknown, origin: unknown) => {
    if (origin !== 'local' || !provider.wsconnected) return
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, messageAwareness)
    encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, [awareness.clientID]))
    provider.ws?.send(encoding.toUint8Array(encoder))
  }
  awareness.on('update', send)
  scope.add(() => awareness.off('update', send))
}
