import { describe, expect, it } from 'vitest'
import { type ActiveSpeaker, nextActiveSpeaker, noActiveSpeaker, withoutSpeaker } from './activeSpeaker'

type Step = [atMs: number, speakers: string[], shown: string | null]

const scenes: [name: string, steps: Step[]][] = [
  ['the first to speak is shown at once', [[0, ['b'], 'b']]],
  [
    'one stays after falling silent',
    [
      [0, ['b'], 'b'],
      [5_000, [], 'b'],
    ],
  ],
  [
    'a short word of another changes nothing',
    [
      [0, ['b'], 'b'],
      [300, ['c', 'b'], 'b'],
      [600, ['b'], 'b'],
      [900, ['c', 'b'], 'b'],
      [1_900, ['c', 'b'], 'b'],
    ],
  ],
  [
    'who is louder for long takes over',
    [
      [0, ['b'], 'b'],
      [300, ['c', 'b'], 'b'],
      [1_900, ['c', 'b'], 'c'],
    ],
  ],
  [
    'after a silence another takes over at once',
    [
      [0, ['b'], 'b'],
      [200, [], 'b'],
      [900, ['c'], 'c'],
    ],
  ],
  [
    'oneself is never shown',
    [
      [0, ['a'], null],
      [300, ['a', 'b'], 'b'],
    ],
  ],
]

describe('nextActiveSpeaker', () => {
  it.each(scenes)('%s', (_, steps) => {
    let active: ActiveSpeaker = noActiveSpeaker
    for (const [at, ids, shown] of steps) {
      const speakers = ids.map((participantId, index) => ({ participantId, level: 1 - index / 10 }))
      active = nextActiveSpeaker(active, speakers, 'a', at)
      expect(active.id).toBe(shown)
    }
  })

  it('forgets one who left', () => {
    const active = nextActiveSpeaker(noActiveSpeaker, [{ participantId: 'b', level: 1 }], 'a', 0)
    expect(withoutSpeaker(active, new Set(['a', 'b']))).toBe(active)
    expect(withoutSpeaker(active, new Set(['a'])).id).toBeNull()
  })
})
