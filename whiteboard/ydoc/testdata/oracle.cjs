// The oracle of the conformance tests: runs the npm package yjs. Reads one JSON request a line, answers one JSON line each.
//   {"scenario": n}                     random edits by several clients -> their updates and what Yjs makes of them
//   {"read": [base64, ...]}             what Yjs reads from each of these updates, in a document of its own
//   {"merge": [...]}, {"diff": [u, sv]} mergeUpdates, diffUpdate
//   {"sync": [[u, ...], [v, ...]]}      a document from u, then each of v on top of it: what Yjs reads at the end
//   {"drags": {...}}                    updates of somebody who moves elements
'use strict'
const path = require('node:path')
const { createRequire } = require('node:module')
const Y = createRequire(path.join(__dirname, '../../../web/package.json'))('yjs')

console.error = () => {}
const base64 = (bytes) => Buffer.from(bytes).toString('base64')
const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64'))

// random is mulberry32, so that a scenario is known by its number.
function random(seed) {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = a
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

// plain writes a value in a form that JSON keeps and Go can compare.
function plain(v) {
  if (v === undefined || v === null) return null
  if (typeof v === 'number') return Number.isFinite(v) ? v : null
  if (typeof v === 'bigint') return { $bigint: v.toString() }
  if (v instanceof Uint8Array) return { $bytes: base64(v) }
  if (v instanceof Y.Doc) return { $doc: v.guid }
  if (v instanceof Y.AbstractType) return plain(v.toJSON())
  if (Array.isArray(v)) return v.map(plain)
  if (typeof v === 'object') return Object.fromEntries(Object.entries(v).map(([k, e]) => [k, plain(e)]))
  return v
}

// delta joins neighbours with the same formats, which Yjs leaves apart now and then.
function delta(text) {
  const ops = []
  for (const op of text.toDelta()) {
    const attributes = plain(op.attributes ?? {})
    const last = ops[ops.length - 1]
    const key = JSON.stringify(Object.entries(attributes).sort())
    if (last && typeof last.insert === 'string' && typeof op.insert === 'string' && last.key === key) last.insert += op.insert
    else ops.push({ insert: plain(op.insert), attributes, key })
  }
  return ops.map(({ insert, attributes }) => ({ insert, attributes }))
}

function read(doc) {
  return {
    map: plain(doc.getMap('map').toJSON()),
    array: plain(doc.getArray('array').toJSON()),
    text: doc.getText('text').toString(),
    delta: delta(doc.getText('text')),
    xml: doc.getXmlFragment('xml').toString(),
    stateVector: Object.fromEntries([...Y.decodeStateVector(Y.encodeStateVector(doc))].map(([c, n]) => [String(c), n])),
    pending: doc.store.pendingStructs !== null || doc.store.pendingDs !== null,
  }
}

const words = ['a', 'bc', '白板', '😀', 'e\u0301', 'x😀y', '\n', 'longer text with 中文 and 🎉 in it', 'é']

class Editor {
  constructor(rand, doc) {
    this.rand = rand
    this.doc = doc
  }
  below(n) {
    return Math.floor(this.rand() * n)
  }
  pick(list) {
    return list[this.below(list.length)]
  }
  value(depth = 0) {
    const simple = [null, undefined, true, false, 0, -1, 1.5, 63, -64, 1e300, 2147483648, -4294967297.5, NaN, 1n << 60n, -5n, '', 'text', '😀', new Uint8Array([0, 255, 7])]
    const n = this.below(depth > 3 ? 1 : 5)
    if (n === 1) return Array.from({ length: this.below(4) }, () => this.value(depth + 1))
    if (n === 2) return Object.fromEntries(Array.from({ length: this.below(4) }, (_, i) => [`k${i}`, this.value(depth + 1)]))
    return this.pick(simple)
  }
  // content is anything that a map or array holds.
  content() {
    const n = this.below(14)
    if (n === 0) return new Y.Map([['in', this.value()]])
    if (n === 1) return Y.Array.from([this.pick(words), 1, this.pick(words)])
    if (n === 2) return new Y.Text(this.pick(words))
    if (n === 3) return this.element()
    if (n === 4) return new Y.Doc({ guid: `guid-${this.below(1000)}`, autoLoad: this.below(2) === 0, meta: { a: this.below(9) } })
    if (n === 5) return new Uint8Array([this.below(256), 1])
    return this.value()
  }
  // listed is content that Yjs takes in lists: undefined and BigInt only inside of something.
  listed() {
    const c = this.content()
    return c === undefined || typeof c === 'bigint' ? [c] : c
  }
  element() {
    const e = new Y.XmlElement(this.pick(['div', 'P', 'my-tag']))
    if (this.below(2)) e.setAttribute(this.pick(['a', 'b']), this.pick(words))
    if (this.below(2)) e.insert(0, [new Y.XmlText(this.pick(words))])
    return e
  }
  formats() {
    const n = this.below(6)
    if (n === 0) return { bold: true }
    if (n === 1) return { bold: null }
    if (n === 2) return { color: { v: this.pick(['red', 'blue']) } }
    if (n === 3) return { i: {}, bold: true }
    if (n === 4) return { color: null }
    return { link: { href: this.pick(words) } }
  }
  // json writes what only old versions of Yjs wrote: JSON content.
  json(array) {
    this.doc.transact((tr) => {
      let left = null
      for (let s = array._start; s !== null; s = s.right) left = s
      const id = Y.createID(this.doc.clientID, Y.getState(this.doc.store, this.doc.clientID))
      const content = new Y.ContentJSON([{ a: this.below(5) }, undefined, 'j', [1]])
      new Y.Item(id, left, left && left.lastId, null, null, array, null, content).integrate(tr, 0)
    })
  }
  editMap(map, depth) {
    const key = this.pick(['a', 'b', 'c', '键', ''])
    const old = map.get(key)
    if (old instanceof Y.AbstractType && this.below(3)) return this.edit(old, depth + 1)
    if (this.below(4) === 0) map.delete(key)
    else map.set(key, this.content())
  }
  editArray(array, depth) {
    const at = this.below(array.length + 1)
    const old = array.get(at)
    const n = this.below(10)
    if (old instanceof Y.AbstractType && n < 5) return this.edit(old, depth + 1)
    if (n < 3 && array.length > at) array.delete(at, 1 + this.below(Math.min(3, array.length - at)))
    else if (n === 3) this.json(array)
    else array.insert(at, Array.from({ length: 1 + this.below(3) }, () => this.listed()))
  }
  // editText never cuts a surrogate pair: documents of Yjs itself do not converge after that (yjs issue 248).
  editText(text) {
    const edges = [0]
    for (const op of text.toDelta()) for (const c of typeof op.insert === 'string' ? op.insert : 'e') edges.push(edges[edges.length - 1] + c.length)
    const first = this.below(edges.length)
    const at = edges[first]
    const length = edges[Math.min(edges.length - 1, first + this.below(7))] - at
    const n = this.below(10)
    if (n < 2) text.delete(at, length)
    else if (n < 4) text.format(at, length, this.formats())
    else if (n === 4) text.insertEmbed(at, this.pick([{ image: 'x' }, { n: 1 }]), this.pick([{}, this.formats()]))
    else if (n === 5) text.insert(at, this.pick(words), this.formats())
    else text.insert(at, this.pick(words))
  }
  editXml(xml, depth) {
    const at = this.below(xml.length + 1)
    const old = xml.get(at)
    const n = this.below(8)
    if (xml instanceof Y.XmlElement && n === 0) xml.setAttribute(this.pick(['a', 'b']), this.pick(words))
    else if (xml instanceof Y.XmlElement && n === 1) xml.removeAttribute(this.pick(['a', 'b']))
    else if (old !== undefined && n < 5 && depth < 8) this.edit(old, depth + 1)
    else if (old !== undefined && n === 5) xml.delete(at, 1)
    else xml.insert(at, [this.below(2) ? this.element() : new Y.XmlText(this.pick(words))])
  }
  edit(type, depth = 0) {
    if (type instanceof Y.XmlText || type instanceof Y.Text) this.editText(type)
    else if (type instanceof Y.XmlFragment) this.editXml(type, depth)
    else if (type instanceof Y.Map) this.editMap(type, depth)
    else if (type instanceof Y.Array) this.editArray(type, depth)
  }
  step() {
    const root = this.below(4)
    if (root === 0) this.edit(this.doc.getMap('map'))
    else if (root === 1) this.edit(this.doc.getArray('array'))
    else if (root === 2) this.edit(this.doc.getText('text'))
    else this.edit(this.doc.getXmlFragment('xml'))
  }
}

// scenario lets clients edit, alone and in groups of edits, and exchange what they have now and then.
function scenario(seed) {
  const rand = random(seed)
  const below = (n) => Math.floor(rand() * n)
  const updates = []
  const editors = Array.from({ length: 1 + below(5) }, (_, i) => {
    const doc = new Y.Doc({ gc: below(3) > 0 })
    doc.clientID = below(2) ? i + 1 : below(4294967296)
    for (const name of ['map', 'array', 'text', 'xml']) doc.get(name, { map: Y.Map, array: Y.Array, text: Y.Text, xml: Y.XmlFragment }[name])
    doc.on('update', (update, _origin, _doc, tr) => {
      if (tr.local) updates.push(update)
    })
    return new Editor(rand, doc)
  })
  for (let steps = 10 + below(60); steps > 0; steps--) {
    const editor = editors[below(editors.length)]
    if (below(4) === 0) editor.doc.transact(() => { for (let n = 1 + below(5); n > 0; n--) editor.step() })
    else editor.step()
    if (below(5) === 0) {
      const from = editors[below(editors.length)].doc
      Y.applyUpdate(editor.doc, Y.encodeStateAsUpdate(from, Y.encodeStateVector(editor.doc)))
    }
  }
  const all = new Y.Doc()
  for (const update of updates) Y.applyUpdate(all, update)
  return {
    updates: updates.map(base64),
    states: editors.map((e) => base64(Y.encodeStateAsUpdate(e.doc))),
    vectors: editors.map((e) => base64(Y.encodeStateVector(e.doc))),
    merged: base64(Y.mergeUpdates(updates)),
    expected: read(all),
  }
}

function readAll(...groups) {
  const doc = new Y.Doc()
  for (const group of groups) for (const update of group) Y.applyUpdate(doc, bytes(update))
  return read(doc)
}

// drags writes elements as values of a map, or as maps of their fields, and moves them; "mixed" moves another one each time.
function drags({ elements, moves, mixed, fields, text }) {
  const rand = random(1)
  const doc = new Y.Doc()
  doc.clientID = 12345
  const updates = []
  doc.on('update', (u) => updates.push(base64(u)))
  const root = doc.getMap('elements')
  const element = (i) => ({
    id: `element-${i}`, type: 'rectangle', x: rand() * 1000, y: rand() * 1000, width: 120, height: 80, angle: 0, strokeColor: '#1e1e1e',
    backgroundColor: 'transparent', fillStyle: 'solid', strokeWidth: 2, strokeStyle: 'solid', roughness: 1, opacity: 100, groupIds: [],
    frameId: null, index: `a${i}`, roundness: { type: 3 }, seed: 1234567, version: 1, versionNonce: 987654, isDeleted: false,
    boundElements: null, updated: 1700000000000, link: null, locked: false, text,
  })
  for (let i = 0; i < elements; i++) {
    const e = element(i)
    root.set(e.id, fields ? new Y.Map(Object.entries(e)) : e)
  }
  for (let i = 0; i < moves; i++) {
    const id = `element-${mixed ? i % elements : Math.floor((i * elements) / moves)}`
    const at = { x: rand() * 1000, y: rand() * 1000 }
    if (fields) doc.transact(() => { for (const [k, v] of Object.entries(at)) root.get(id).set(k, v) })
    else root.set(id, { ...root.get(id), ...at })
  }
  return { updates, state: base64(Y.encodeStateAsUpdate(doc)), json: Buffer.byteLength(JSON.stringify(root.toJSON())) }
}

function answer(request) {
  if ('scenario' in request) return scenario(request.scenario)
  if (request.read) return request.read.map((update) => readAll([update]))
  if (request.merge) return base64(Y.mergeUpdates(request.merge.map(bytes)))
  if (request.diff) return base64(Y.diffUpdate(bytes(request.diff[0]), bytes(request.diff[1])))
  if (request.sync) return readAll(...request.sync)
  if (request.drags) return drags(request.drags)
  throw new Error('unknown request')
}

require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  let reply
  try {
    reply = { result: answer(JSON.parse(line)) }
  } catch (error) {
    reply = { error: String(error.stack) }
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`)
})
