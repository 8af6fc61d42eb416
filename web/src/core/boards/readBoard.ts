import * as Y from 'yjs'
import { type BoardElement, compareOrder, readElement } from './element'
import { elementsRoot, metaRoot } from './names'

export interface BoardContent {
  /** In the order of drawing. */
  elements: BoardElement[]
  /** The colour of the paper, where one was chosen. */
  background: string | null
}

/** What a board shows, from its whole state as a Yjs update; throws on bytes that are none. */
export function readBoard(state: Uint8Array): BoardContent {
  const doc = new Y.Doc()
  try {
    Y.applyUpdate(doc, state)
    const elements: BoardElement[] = []
    for (const [id, value] of doc.getMap(elementsRoot).entries()) {
      const element = readElement(id, value)
      if (element) elements.push({ ...element })
    }
    const background: unknown = doc.getMap(metaRoot).get('background')
    return {
      elements: elements.sort(compareOrder),
      background: typeof background === 'string' ? background : null,
    }
  } finally {
    doc.destroy()
  }
}
