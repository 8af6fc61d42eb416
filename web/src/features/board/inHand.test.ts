import { expect, it } from 'vitest'
import { rectangle } from '@/core/testing/boards'
import { inHand } from './inHand'

const idle = {
  newElement: null,
  resizingElement: null,
  editingTextElement: null,
  multiElement: null,
  editingLinearElement: null,
  croppingElementId: null,
  editingFrame: null,
  cursorButton: 'up' as const,
  selectedElementIds: { a: true as const },
  selectedElementsAreBeingDragged: false,
  isRotating: false,
  isResizing: false,
}
const elements = [rectangle('a'), rectangle('label', { type: 'text', containerId: 'a' }), rectangle('b')]

it('what is only selected is not in hand', () => {
  expect([...inHand(idle, elements)]).toEqual([])
})

it.each([
  ['held by the pointer', { cursorButton: 'down' as const }],
  ['dragged', { selectedElementsAreBeingDragged: true }],
  ['resized', { isResizing: true }],
  ['turned', { isRotating: true }],
])('what is %s is in hand with its label', (_, state) => {
  expect([...inHand({ ...idle, ...state }, elements)]).toEqual(['a', 'label'])
})

it('what is drawn or typed in is in hand without being selected', () => {
  const state = { ...idle, selectedElementIds: {}, editingTextElement: { id: 'label' } }
  expect([...inHand(state, elements)]).toEqual(['label'])
})
