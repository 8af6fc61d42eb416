import { expect, it } from 'vitest'
import { withNewIds } from './newIds'

it('copies elements so that what belongs together still does, and nothing refers to what is not there', () => {
  let count = 0
  const newId = () => `n${++count}`
  const common = { groupIds: ['g'], frameId: null, boundElements: null }
  const [box, text, arrow] = withNewIds(
    [
      { ...common, id: 'box', boundElements: [{ id: 'text' }, { id: 'arrow' }, { id: 'gone' }] },
      { ...common, id: 'text', containerId: 'box' },
      {
        ...common,
        id: 'arrow',
        frameId: 'gone',
        startBinding: { elementId: 'box', gap: 4 },
        endBinding: { elementId: 'gone' },
      },
    ],
    newId,
  )
  expect(box?.boundElements).toEqual([{ id: text?.id }, { id: arrow?.id }])
  expect(text).toMatchObject({ containerId: box?.id })
  expect(arrow).toMatchObject({
    startBinding: { elementId: box?.id, gap: 4 },
    endBinding: null,
    frameId: null,
  })
  expect(new Set([box?.id, text?.id, arrow?.id, 'box', 'text', 'arrow']).size).toBe(6)
  expect(text?.groupIds).toEqual(box?.groupIds)
  expect(box?.groupIds).not.toEqual(['g'])
})
