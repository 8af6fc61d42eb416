import { expect, it } from 'vitest'
import type { BoardAccessEntry } from '@/core/api/types'
import { withEntries, withoutEntry } from './access'

const ana: BoardAccessEntry = { kind: 'person', id: '1', name: 'Ana', role: 'viewer' }
const sales: BoardAccessEntry = { kind: 'department', id: '1', name: 'Sales', role: 'editor' }
const everyone: BoardAccessEntry = { kind: 'everyone', role: 'viewer' }

it('adds behind what is there', () => {
  expect(withEntries([ana], [sales, everyone])).toEqual([ana, sales, everyone])
})

it('gives one who is there another role, in place', () => {
  const edits: BoardAccessEntry = { ...ana, role: 'editor' }
  expect(withEntries([ana, sales], [edits])).toEqual([edits, sales])
})

it('tells a person from a department of the same id', () => {
  expect(withoutEntry([ana, sales], sales)).toEqual([ana])
})
