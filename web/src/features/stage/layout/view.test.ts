import { describe, expect, it } from 'vitest'
import { chooseView, type ViewInput, wishAfterBoard, wishAfterShares } from './view'

const base: ViewInput = {
  wish: 'auto',
  shareWish: null,
  shares: [],
  boards: [],
  presentedBoardId: null,
  boardWish: null,
  boardIsNewer: false,
  participants: [
    { id: 'me', isSelf: true },
    { id: 'ana', isSelf: false },
    { id: 'kenji', isSelf: false },
  ],
  pinnedId: null,
  spotlightId: null,
  activeSpeakerId: null,
}
const anaShares = { id: 's1', isSelf: false }
const kenjiShares = { id: 's2', isSelf: false }
const iShare = { id: 's3', isSelf: true }
const boards = [{ id: 'b1' }, { id: 'b2' }]

describe('chooseView', () => {
  const cases: [string, Partial<ViewInput>, ReturnType<typeof chooseView>][] = [
    ['nothing special is the gallery', {}, { kind: 'gallery' }],
    ['a share goes large', { shares: [anaShares] }, { kind: 'presentation', shareId: 's1' }],
    ['the newest share first', { shares: [anaShares, kenjiShares] }, { kind: 'presentation', shareId: 's2' }],
    [
      'a chosen share stays',
      { shares: [anaShares, kenjiShares], shareWish: 's1' },
      { kind: 'presentation', shareId: 's1' },
    ],
    [
      'a chosen share that ended',
      { shares: [kenjiShares], shareWish: 's1' },
      { kind: 'presentation', shareId: 's2' },
    ],
    ['own share stays small', { shares: [iShare] }, { kind: 'gallery' }],
    [
      'own share when asked for',
      { shares: [iShare], wish: 'presentation' },
      { kind: 'presentation', shareId: 's3' },
    ],
    ['the other share before own', { shares: [anaShares, iShare] }, { kind: 'presentation', shareId: 's1' }],
    ['a presented board goes large', { boards, presentedBoardId: 'b1' }, { kind: 'board', boardId: 'b1' }],
    ['boards that are open but not presented stay small', { boards }, { kind: 'gallery' }],
    ['an open board when asked for', { boards, wish: 'board' }, { kind: 'board', boardId: 'b2' }],
    [
      'a chosen board before the presented one',
      { boards, presentedBoardId: 'b1', boardWish: 'b2', wish: 'board' },
      { kind: 'board', boardId: 'b2' },
    ],
    [
      'a chosen board that was closed',
      { boards, presentedBoardId: 'b1', boardWish: 'b9', wish: 'board' },
      { kind: 'board', boardId: 'b1' },
    ],
    ['no board where none is open', { wish: 'board' }, { kind: 'gallery' }],
    [
      'a share that began after the board',
      { boards, presentedBoardId: 'b1', shares: [anaShares] },
      { kind: 'presentation', shareId: 's1' },
    ],
    [
      'a board that was put up after the share',
      { boards, presentedBoardId: 'b1', boardIsNewer: true, shares: [anaShares] },
      { kind: 'board', boardId: 'b1' },
    ],
    [
      'a board before own share',
      { boards, presentedBoardId: 'b1', shares: [iShare] },
      { kind: 'board', boardId: 'b1' },
    ],
    [
      'the share when asked for',
      { boards, presentedBoardId: 'b1', boardIsNewer: true, shares: [anaShares], wish: 'presentation' },
      { kind: 'presentation', shareId: 's1' },
    ],
    [
      'gallery while a board is shown',
      { boards, presentedBoardId: 'b1', wish: 'gallery' },
      { kind: 'gallery' },
    ],
    ['gallery while shared', { shares: [anaShares], wish: 'gallery' }, { kind: 'gallery' }],
    [
      'speaker shows who speaks',
      { wish: 'speaker', activeSpeakerId: 'kenji' },
      { kind: 'speaker', mainId: 'kenji' },
    ],
    [
      'speaker never shows oneself while others are there',
      { wish: 'speaker', activeSpeakerId: 'me' },
      { kind: 'speaker', mainId: 'ana' },
    ],
    ['a pin goes large', { pinnedId: 'ana' }, { kind: 'speaker', mainId: 'ana' }],
    [
      'a pin before a spotlight',
      { pinnedId: 'ana', spotlightId: 'kenji' },
      { kind: 'speaker', mainId: 'ana' },
    ],
    ['a spotlight goes large', { spotlightId: 'kenji' }, { kind: 'speaker', mainId: 'kenji' }],
    ['a spotlight on one who left', { spotlightId: 'gone' }, { kind: 'gallery' }],
    [
      'gallery despite a spotlight, when asked for',
      { spotlightId: 'kenji', wish: 'gallery' },
      { kind: 'gallery' },
    ],
    [
      'a share before a pin',
      { shares: [anaShares], pinnedId: 'kenji' },
      { kind: 'presentation', shareId: 's1' },
    ],
    ['presentation after the share ended', { wish: 'presentation' }, { kind: 'gallery' }],
  ]
  it.each(cases)('%s', (_, change, expected) => {
    expect(chooseView({ ...base, ...change })).toEqual(expected)
  })
})

describe('wishAfterShares', () => {
  it('goes back to automatic when a share begins', () => {
    expect(wishAfterShares('gallery', [], ['s1'])).toBe('auto')
  })
  it('keeps a choice while a share goes on', () => {
    expect(wishAfterShares('gallery', ['s1'], ['s1', 's2'])).toBe('gallery')
  })
  it('forgets presentation when the last share ends', () => {
    expect(wishAfterShares('presentation', ['s1'], [])).toBe('auto')
    expect(wishAfterShares('speaker', ['s1'], [])).toBe('speaker')
  })
})

describe('wishAfterBoard', () => {
  it.each([
    ['gallery', null, 'b1', 'auto'],
    ['gallery', 'b1', 'b2', 'auto'],
    ['gallery', 'b1', 'b1', 'gallery'],
    ['board', 'b1', null, 'auto'],
    ['speaker', 'b1', null, 'speaker'],
    ['board', null, null, 'board'],
  ] as const)('%s, %s → %s: %s', (wish, before, now, then) => {
    expect(wishAfterBoard(wish, before, now)).toBe(then)
  })
})
