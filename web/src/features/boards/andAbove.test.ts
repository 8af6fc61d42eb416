import { expect, it } from 'vitest'
import { andAbove } from './andAbove'

const departments = [
  { id: 'head' },
  { id: 'sales', parentId: 'head' },
  { id: 'south', parentId: 'sales' },
  { id: 'finance', parentId: 'head' },
  { id: 'loop', parentId: 'loop' },
]

it.each([
  [['south'], ['south', 'sales', 'head']],
  [
    ['south', 'finance'],
    ['south', 'sales', 'head', 'finance'],
  ],
  [['loop'], ['loop']],
  [['unknown'], ['unknown']],
  [[], []],
])('%j reaches %j', (ids, wanted) => {
  expect([...andAbove(departments, ids)]).toEqual(wanted)
})
