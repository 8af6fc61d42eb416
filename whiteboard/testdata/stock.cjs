// Stock clients: runs the npm packages yjs and y-websocket, unchanged. Reads one JSON request a line, answers one JSON line
// each, when what was asked for has happened.
//   {"open": name, "url", "board", "params"}     a client with a document of its own, connected and synced
//   {"set": name, "key", "value"}                sets elements[key]; without a value deletes it
//   {"show": name, "state"}                      sets the local awareness state
//   {"wait": name, "elements"}                   until elements is that
//   {"waitShown": name, "by": other, "x"}        until the client sees that awareness x of the other, or none when x is null
//   {"waitClosed": name}                         -> the code after which it does not come back
//   {"cut": name}, {"mend": name}                network away, and back with all synced
//   {"count": name}                              -> updates that came from the server
'use strict'
const path = require('node:path')
const { createRequire } = require('node:module')
const load = createRequire(path.join(__dirname, '../../web/package.json'))
const Y = load('yjs')
const { WebsocketProvider } = load('y-websocket')
const WebSocketPolyfill = load('ws')

console.warn = () => {}
const clients = new Map()
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)
const sorted = (map) => Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))

const until = (holds, on) =>
  new Promise((resolve) => {
    const look = () => holds() && resolve(null)
    on(look)
    look()
  })

const acts = {
  async open(name, { url, board, params }) {
    const doc = new Y.Doc()
    const provider = new WebsocketProvider(url, board, doc, { params, WebSocketPolyfill, disableBc: true })
    const client = { doc, provider, elements: doc.getMap('elements'), updates: 0, closed: null }
    doc.on('update', (_, origin) => { client.updates += origin === provider ? 1 : 0 })
    provider.on('closed', ({ code }) => { client.closed = code })
    clients.set(name, client)
    await until(() => provider.synced || client.closed, (look) => { provider.on('sync', look); provider.on('closed', look) })
  },
  set({ elements }, { key, value }) {
    if (value === undefined) elements.delete(key)
    else elements.set(key, value)
  },
  show({ provider }, { state }) { provider.awareness.setLocalState(state) },
  wait({ doc, elements }, request) {
    return until(() => same(sorted(elements.toJSON()), sorted(request.elements)), (look) => doc.on('update', look))
  },
  waitShown({ provider }, { by, x }) {
    const id = clients.get(by).doc.clientID
    const shown = () => provider.awareness.getStates().get(id)?.x ?? null
    return until(() => shown() === x, (look) => provider.awareness.on('change', look))
  },
  async waitClosed(client) {
    await until(() => client.closed, (look) => client.provider.on('closed', look))
    return client.closed
  },
  cut({ provider }) { provider.disconnect() },
  mend({ provider }) {
    provider.connect()
    return until(() => provider.synced, (look) => provider.on('sync', look))
  },
  count({ updates }) { return updates },
}

async function answer(line) {
  const request = JSON.parse(line)
  const verb = Object.keys(acts).find((v) => v in request)
  const subject = verb === 'open' ? request.open : clients.get(request[verb])
  return (await acts[verb](subject, request)) ?? null
}

let queue = Promise.resolve()
require('node:readline').createInterface({ input: process.stdin })
  .on('line', (line) => {
    queue = queue.then(() => answer(line)).then((result) => console.log(JSON.stringify({ result })), (error) => console.log(JSON.stringify({ error: String(error.stack) })))
  })
  .on('close', () => process.exit(0))
