import { expect, it } from 'vitest'
import type { ChatMessage } from '@/core/chat/state'
import { mentionable } from './mentionable'

const wrote = (userId: string | undefined, name: string) =>
  ({ author: { id: userId ?? 'g', userId, name, guest: !userId } }) as ChatMessage

it('names members who are here or wrote, each once, oneself last, never guests', () => {
  const here = [
    { userId: 'me', name: 'Maya', isSelf: true },
    { userId: 'ana', name: 'Ana', isSelf: false },
    { name: 'A guest', isSelf: false },
  ]
  const people = mentionable(here, [
    wrote('ana', 'Ana'),
    wrote('ben', 'Ben'),
    wrote(undefined, 'A guest'),
    wrote('me', 'Maya'),
  ])
  expect(people.map((person) => person.name)).toEqual(['Ana', 'Ben', 'Maya'])
})
