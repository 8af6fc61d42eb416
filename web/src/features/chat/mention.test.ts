import { describe, expect, it } from 'vitest'
import { candidates, completeMention, mentionAt, mentionedIn } from './mention'

describe('mentionAt', () => {
  it.each([
    ['@', 1, { at: 0, query: '' }],
    ['hi @an', 6, { at: 3, query: 'an' }],
    ['你好@陈', 4, { at: 2, query: '陈' }],
    ['mail a@b', 8, null],
    ['@ana now', 8, null],
    ['plain', 5, null],
    ['@a and more', 2, { at: 0, query: 'a' }],
  ])('%s at %i', (text, caret, expected) => expect(mentionAt(text, caret)).toEqual(expected))
})

describe('completeMention', () => {
  it('puts the name and a space where it is typed', () => {
    expect(completeMention('hi @an there', { at: 3, query: 'an' }, 'Ana Ruiz')).toEqual({
      text: 'hi @Ana Ruiz  there',
      caret: 13,
    })
  })
})

const people = [
  { userId: 'u1', name: 'Ana Ruiz' },
  { userId: 'u2', name: 'Diana' },
  { userId: 'u3', name: '陈雨桐' },
]

it('finds who is mentioned', () => {
  expect(mentionedIn('hi @Ana Ruiz，@陈雨桐', people)).toEqual(['u1', 'u3'])
})

it('puts names that begin with what was typed first', () => {
  expect(candidates(people, 'ana').map((person) => person.userId)).toEqual(['u1', 'u2'])
})
