import { describe, expect, it } from 'vitest'
import type { ParticipantView } from '@/core/meeting/state'
import { listOrder, matches } from './order'

function person(name: string, change: Partial<ParticipantView> = {}): ParticipantView {
  return {
    id: name,
    name,
    role: 'participant',
    joinedAt: 0,
    connection: 'connected',
    isSelf: false,
    microphone: null,
    camera: null,
    quality: { level: 'good' },
    speaking: false,
    ...change,
  }
}

describe('matches', () => {
  it.each([
    ['Chloé Martin', 'chloe', true],
    ['Chloé Martin', 'MARTIN', true],
    ['陈雨桐', '雨桐', true],
    ['陈雨桐', '赵', false],
    ['anyone', '', true],
  ])('%s, %s: %s', (name, query, expected) => expect(matches(name, query)).toBe(expected))
})

describe('listOrder', () => {
  it('begins with oneself and the hosts', () => {
    const list = [
      person('Ana'),
      person('Ben', { role: 'cohost' }),
      person('Zoe', { role: 'host' }),
      person('Me', { isSelf: true }),
    ]
    expect(listOrder(list, 'en').map((one) => one.name)).toEqual(['Me', 'Zoe', 'Ben', 'Ana'])
  })

  it('sorts Chinese names by pinyin', () => {
    const list = [person('赵启明'), person('陈雨桐'), person('李慕白')]
    expect(listOrder(list, 'zh-CN').map((one) => one.name)).toEqual(['陈雨桐', '李慕白', '赵启明'])
  })
})
