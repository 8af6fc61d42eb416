import { describe, expect, it } from 'vitest'
import { type Document, groups, tokenScopes, typeWords } from './openapi'

const document: Document = {
  info: { title: 'Parley', version: '1' },
  paths: {
    '/b': { post: { operationId: 'makeB', tags: ['b'] } },
    '/a': {
      get: { operationId: 'listA', tags: ['a'], security: [{ session: [] }, { bearer: ['a:read'] }] },
      post: { operationId: 'makeA', tags: ['a'], security: [{ session: [] }] },
    },
  },
  components: { schemas: { Thing: { type: 'object' } } },
}

it('groups by tag, get before post', () => {
  expect(groups(document).map(({ tag, entries }) => [tag, entries.map(({ id }) => id)])).toEqual([
    ['a', ['listA', 'makeA']],
    ['b', ['makeB']],
  ])
})

it('tells which scopes a token needs', () => {
  expect(groups(document)[0]?.entries.map(({ operation }) => tokenScopes(operation))).toEqual([
    ['a:read'],
    null,
  ])
})

describe('typeWords', () => {
  it.each([
    [{ $ref: '#/components/schemas/Thing' }, 'Thing'],
    [{ type: 'array', items: { $ref: '#/components/schemas/Thing' } }, 'Thing[]'],
    [{ type: ['string', 'null'], format: 'date-time' }, 'string | null (date-time)'],
    [{ type: 'integer', minimum: 5, maximum: 1440 }, 'integer 5…1440'],
    [{ type: 'string', enum: ['a', 'b'] }, '"a" | "b"'],
    [{}, 'any'],
  ])('%j → %s', (schema, words) => expect(typeWords(document, schema)).toBe(words))
})
