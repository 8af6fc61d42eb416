import { describe, expect, it } from 'vitest'
import { departmentTree, flatten, pathOf } from './departmentTree'

const departments = [
  { id: 'rd', name: '研发部', sort: 2, memberCount: 0 },
  { id: 'hr', name: '人力资源部', sort: 1, memberCount: 2 },
  { id: 'web', parentId: 'rd', name: '前端组', sort: 0, memberCount: 3 },
  { id: 'media', parentId: 'rd', name: '媒体组', sort: 0, memberCount: 3 },
  { id: 'lost', parentId: 'gone', name: '总裁办', sort: 3, memberCount: 1 },
]

describe('departmentTree', () => {
  const tree = departmentTree(departments, 'zh-CN')

  it('orders by the company, then by name, and keeps orphans', () => {
    expect(flatten(tree).map(({ department, depth }) => [department.id, depth])).toEqual([
      ['hr', 0],
      ['rd', 0],
      ['media', 1],
      ['web', 1],
      ['lost', 0],
    ])
  })

  it('counts people below', () => {
    expect(flatten(tree).map(({ people }) => people)).toEqual([2, 6, 3, 3, 1])
  })

  it('hides what is closed', () => {
    expect(flatten(tree, new Set(['rd'])).map(({ department }) => department.id)).toEqual([
      'hr',
      'rd',
      'lost',
    ])
  })
})

describe('pathOf', () => {
  it('names the way down', () => expect(pathOf(departments, 'web')).toBe('研发部 / 前端组'))
})
