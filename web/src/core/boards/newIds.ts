/** The references between elements that a copy has to keep. */
interface Linked {
  readonly id: string
  readonly groupIds: readonly string[]
  readonly frameId: string | null
  readonly boundElements: readonly { id: string }[] | null
  readonly containerId?: string | null
  readonly startBinding?: { elementId: string } | null
  readonly endBinding?: { elementId: string } | null
}

/** Copies elements under new ids, so that they can stand beside those they came from; what refers to them follows. */
export function withNewIds<E extends Linked>(elements: readonly E[], newId: () => string): E[] {
  const ids = new Map(elements.map(({ id }) => [id, newId()]))
  const groups = new Map<string, string>()
  const group = (id: string) => {
    const known = groups.get(id) ?? newId()
    groups.set(id, known)
    return known
  }
  const bound = (binding: { elementId: string } | null | undefined) => {
    const elementId = binding && ids.get(binding.elementId)
    return elementId ? { ...binding, elementId } : null
  }
  return elements.map((element) => ({
    ...element,
    id: ids.get(element.id) ?? element.id,
    groupIds: element.groupIds.map(group),
    frameId: (element.frameId && ids.get(element.frameId)) ?? null,
    boundElements:
      element.boundElements?.flatMap((one) => {
        const id = ids.get(one.id)
        return id ? [{ ...one, id }] : []
      }) ?? null,
    ...('containerId' in element
      ? { containerId: (element.containerId && ids.get(element.containerId)) ?? null }
      : {}),
    ...('startBinding' in element ? { startBinding: bound(element.startBinding) } : {}),
    ...('endBinding' in element ? { endBinding: bound(element.endBinding) } : {}),
  }))
}
