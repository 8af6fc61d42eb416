import { expect, it } from 'vitest'
import { marked } from './marked'

const hits = (text: string, query: string) =>
  marked(text, query)
    .map((part) => (part.hit ? `[${part.text}]` : part.text))
    .join('')

it.each([
  ['报销流程：发票上传', '发票', '报销流程：[发票]上传'],
  ['Travel costs', 'COSTS', 'Travel [costs]'],
  ['Quarterly plan', 'plan quarter', '[Quarter]ly [plan]'],
  ['a (b) c', '(b', 'a [(b]) c'],
  ['nothing here', 'xyz', 'nothing here'],
  ['no words', '   ', 'no words'],
  ['发票发票', '发票', '[发票][发票]'],
])('marks in %j what %j asks for', (text, query, wanted) => {
  expect(hits(text, query)).toBe(wanted)
})

it('keeps every character', () => {
  const text = '员工费用报销管理办法 v2.1 (draft)'
  expect(
    marked(text, '报销 (d')
      .map((part) => part.text)
      .join(''),
  ).toBe(text)
})
