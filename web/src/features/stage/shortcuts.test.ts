import { describe, expect, it } from 'vitest'
import { type KeyPress, shortcutOf } from './shortcuts'

function press(change: Partial<KeyPress>): KeyPress {
  return {
    key: 'm',
    code: 'KeyM',
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    repeat: false,
    target: document.body,
    ...change,
  }
}

function inside(html: string, selector: string): Element {
  document.body.innerHTML = html
  const found = document.body.querySelector(selector)
  if (!found) throw new Error(`no ${selector}`)
  return found
}

describe('shortcutOf', () => {
  it.each([
    ['m', 'KeyM', 'microphone'],
    ['v', 'KeyV', 'camera'],
    ['s', 'KeyS', 'share'],
    ['h', 'KeyH', 'hand'],
    ['c', 'KeyC', 'chat'],
    ['p', 'KeyP', 'people'],
    [' ', 'Space', 'talk'],
    ['x', 'KeyX', null],
  ])('%s is %s', (key, code, expected) => {
    expect(shortcutOf(press({ key, code }))).toBe(expected)
  })

  it('goes by the physical key under an input method that renames it', () => {
    expect(shortcutOf(press({ key: 'ь', code: 'KeyM' }))).toBe('microphone')
  })

  it.each([
    ['composing', { isComposing: true }],
    ['taken by an input method', { key: 'Process' }],
    ['with Ctrl', { ctrlKey: true }],
    ['with Cmd', { metaKey: true }],
    ['with Alt', { altKey: true }],
    ['repeating', { repeat: true }],
  ])('nothing while %s', (_, change) => {
    expect(shortcutOf(press(change))).toBeNull()
  })

  it.each([
    ['<input>', 'input'],
    ['<textarea></textarea>', 'textarea'],
    ['<div contenteditable="true"><b>x</b></div>', 'b'],
  ])('nothing while typing in %s', (html, selector) => {
    expect(shortcutOf(press({ target: inside(html, selector) }))).toBeNull()
    expect(shortcutOf(press({ key: '?', code: 'Slash', target: inside(html, selector) }))).toBeNull()
  })

  it('leaves Space to a focused button but takes letters there', () => {
    const button = inside('<button>x</button>', 'button')
    expect(shortcutOf(press({ key: ' ', code: 'Space', target: button }))).toBeNull()
    expect(shortcutOf(press({ target: button }))).toBe('microphone')
  })

  it('leaves the keys to a board that has the focus', () => {
    const canvas = inside('<div data-board="b"><canvas tabindex="0"></canvas></div>', 'canvas')
    expect(shortcutOf(press({ key: 'v', code: 'KeyV', target: canvas }))).toBeNull()
    expect(shortcutOf(press({ key: ' ', code: 'Space', target: canvas }))).toBeNull()
  })

  it('leaves letters to a menu', () => {
    expect(
      shortcutOf(press({ target: inside('<div role="menu"><button>x</button></div>', 'button') })),
    ).toBeNull()
  })
})
