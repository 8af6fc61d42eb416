import type { MediaLink } from './mediaSession'
import type { SignalSocket } from './socket'
import type { ClientMessage } from './wire'

/** What the peer connections say over the signaling connection. */
export function signalLink(socket: SignalSocket, command: (message: ClientMessage) => void): MediaLink {
  return {
    publish: async (offer) => {
      const answer = await socket.request({ type: 'publish', ...offer })
      if (answer.type !== 'published') throw new TypeError('publish was not answered by published')
      return answer
    },
    setMuted: async (publicationId, muted) => {
      await socket.request({ type: 'setMuted', publicationId, muted })
    },
    setHint: (publicationId, hint) => command({ type: 'setHint', publicationId, hint }),
    sendCandidate: (candidate) => {
      socket.send({ type: 'candidate', ...candidate })
    },
    answer: (answer) => {
      socket.send({ type: 'subscribeAnswer', ...answer })
    },
    restartIce: () => {
      socket.send({ type: 'restartIce' })
    },
  }
}
