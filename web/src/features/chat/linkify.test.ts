import { describe, expect, it } from 'vitest'
import { partsOf } from './linkify'

const show = (text: string) =>
  partsOf(text, [
    { userId: 'u1', name: 'Ana' },
    { userId: 'u2', name: 'Ana Ruiz' },
  ])
    .map((part) =>
      part.kind === 'text' ? part.text : part.kind === 'link' ? `[${part.href}]` : `{${part.text}}`,
    )
    .join('')

describe('partsOf', () => {
  it.each([
    ['no links', 'no links'],
    ['see https://example.com/a?b=1#c now', 'see [https://example.com/a?b=1#c] now'],
    ['(https://example.com/a)', '([https://example.com/a])'],
    ['https://example.com/wiki/A_(b).', '[https://example.com/wiki/A_(b)].'],
    ['看 https://example.com，谢谢', '看 [https://example.com/]，谢谢'],
    ['www.example.com!', '[https://www.example.com/]!'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
    ['data:text/html,<b>x</b>', 'data:text/html,<b>x</b>'],
    ['https://', 'https://'],
    ['<a href="https://example.com">x</a>', '<a href="[https://example.com/]">x</a>'],
    ['hi @Ana Ruiz and @Ana', 'hi {@Ana Ruiz} and {@Ana}'],
    ['@Anabel is not Ana', '{@Ana}bel is not Ana'],
  ])('%s', (text, expected) => expect(show(text)).toBe(expected))

  it('gives back every letter', () => {
    const text = 'a https://x.test/(y). @Ana, b www.z.test/q] c'
    expect(
      partsOf(text, [{ userId: 'u', name: 'Ana' }])
        .map((part) => part.text)
        .join(''),
    ).toBe(text)
  })
})
