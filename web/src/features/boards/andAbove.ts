interface Department {
  id: string
  parentId?: string | null | undefined
}

/** These departments and all above them, up to the roots. */
export function andAbove(departments: readonly Department[], ids: readonly string[]): ReadonlySet<string> {
  const parents = new Map(departments.map(({ id, parentId }) => [id, parentId]))
  const found = new Set<string>()
  for (const start of ids) {
    for (let id: string | null | undefined = start; id && !found.has(id); id = parents.get(id)) found.add(id)
  }
  return found
}
