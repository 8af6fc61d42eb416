import type { Collaborator, SocketId } from '@excalidraw/excalidraw/types'
import type { Presence } from '@/core/boards/presence'

/** The others as the editor draws them: cursors, names, selections. */
export function collaborators(others: ReadonlyMap<number, Presence>): Map<SocketId, Collaborator> {
  const drawn = new Map<SocketId, Collaborator>()
  for (const [client, { user, pointer, button, selected }] of others) {
    const socketId = String(client) as SocketId
    drawn.set(socketId, {
      socketId,
      id: user.key,
      username: user.name,
      ...(user.avatarUrl ? { avatarUrl: user.avatarUrl } : {}),
      ...(pointer ? { pointer } : {}),
      button: button ?? 'up',
      selectedElementIds: Object.fromEntries((selected ?? []).map((id) => [id, true as const])),
    })
  }
  return drawn
}
