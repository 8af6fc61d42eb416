import type { BoardElement } from '@/core/boards/element'

/** The part of the editor's state that tells what the person is at. */
interface HandState {
  newElement: { id: string } | null
  resizingElement: { id: string } | null
  editingTextElement: { id: string } | null
  multiElement: { id: string } | null
  editingLinearElement: { elementId: string } | null
  croppingElementId: string | null
  editingFrame: string | null
  cursorButton: 'up' | 'down'
  selectedElementIds: Readonly<Record<string, true>>
  selectedElementsAreBeingDragged: boolean
  isRotating: boolean
  isResizing: boolean
}

/** Elements that are drawn, typed in or held by the pointer, and what moves with them. */
export function inHand(state: HandState, elements: readonly BoardElement[]): ReadonlySet<string> {
  const ids = new Set<string>()
  const begun = [state.newElement, state.resizingElement, state.editingTextElement, state.multiElement]
  for (const element of begun) if (element) ids.add(element.id)
  if (state.editingLinearElement) ids.add(state.editingLinearElement.elementId)
  if (state.croppingElementId) ids.add(state.croppingElementId)
  if (state.editingFrame) ids.add(state.editingFrame)
  const holds =
    state.cursorButton === 'down' ||
    state.selectedElementsAreBeingDragged ||
    state.isRotating ||
    state.isResizing
  if (holds) for (const id of Object.keys(state.selectedElementIds)) ids.add(id)
  if (ids.size === 0) return ids
  for (const { id, containerId, frameId } of elements) {
    if ((containerId && ids.has(containerId)) || (frameId && ids.has(frameId))) ids.add(id)
  }
  return ids
}
