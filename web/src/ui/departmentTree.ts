import { byName } from './format'

interface Department {
  id: string
  parentId?: string | null | undefined
  name: string
  sort: number
  memberCount: number
}

export interface Branch<D extends Department> {
  department: D
  depth: number
  /** People in it and below it. */
  people: number
  children: Branch<D>[]
}

/** Departments as a tree, ordered as the company set them and then by name. One whose parent is unknown is a root. */
export function departmentTree<D extends Department>(departments: readonly D[], locale: string): Branch<D>[] {
  const known = new Set(departments.map(({ id }) => id))
  const under = new Map<string, D[]>()
  for (const department of byName(departments, locale)) {
    const parent = department.parentId && known.has(department.parentId) ? department.parentId : ''
    under.set(parent, [...(under.get(parent) ?? []), department])
  }
  const branches = (parent: string, depth: number): Branch<D>[] =>
    (under.get(parent) ?? [])
      .sort((a, b) => a.sort - b.sort)
      .map((department) => {
        const children = branches(department.id, depth + 1)
        const people = children.reduce((sum, child) => sum + child.people, department.memberCount)
        return { department, depth, people, children }
      })
  return branches('', 0)
}

/** The tree from top to bottom, without what is under a closed department. */
export function flatten<D extends Department>(
  tree: readonly Branch<D>[],
  closed: ReadonlySet<string> = new Set(),
): Branch<D>[] {
  return tree.flatMap((branch) => [
    branch,
    ...(closed.has(branch.department.id) ? [] : flatten(branch.children, closed)),
  ])
}

/** Head office / Sales / South: the names from the root down. */
export function pathOf<D extends Department>(departments: readonly D[], id: string): string {
  const names: string[] = []
  const byId = new Map(departments.map((department) => [department.id, department]))
  for (let at = byId.get(id); at && names.length < 20; at = at.parentId ? byId.get(at.parentId) : undefined) {
    names.unshift(at.name)
  }
  return names.join(' / ')
}
