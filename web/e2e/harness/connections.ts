declare global {
  interface Window {
    /** The peer connections that the page has made, closed ones too. */
    connections: RTCPeerConnection[]
  }
}

/** Runs in the page (an init script): keeps its peer connections. It must not use anything outside itself. */
export function keepConnections(): void {
  const connections: RTCPeerConnection[] = []
  window.connections = connections
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args) {
      const connection = new target(...(args as ConstructorParameters<typeof RTCPeerConnection>))
      connections.push(connection)
      return connection
    },
  })
}
