import { afterEach, describe, expect, it } from 'vitest'
import { ApiError } from './error'
import { askOrKept, forgetAnswers, keepAnswer } from './keptAnswers'

const answers = <T>(value: T) => Promise.resolve(value)
const fails = (status: number) => Promise.reject(new ApiError(status, {}))

afterEach(forgetAnswers)

describe('an answer that was kept', () => {
  it('is given when the server cannot be reached', async () => {
    keepAnswer('me', { name: 'Maya' })
    expect(await askOrKept('me', () => fails(0))).toEqual({ name: 'Maya' })
    await expect(askOrKept('other', () => fails(0))).rejects.toMatchObject({ status: 0 })
  })

  it('is not given when the server has a trouble of its own', async () => {
    keepAnswer('me', { name: 'Maya' })
    await expect(askOrKept('me', () => fails(503))).rejects.toMatchObject({ status: 503 })
    expect(await askOrKept('me', () => fails(0))).toEqual({ name: 'Maya' })
  })

  it('follows what the server says', async () => {
    keepAnswer('me', { name: 'Maya' })
    await askOrKept('me', () => answers({ name: 'Maya Chen' }))
    expect(await askOrKept('me', () => fails(0))).toEqual({ name: 'Maya Chen' })
    await askOrKept('other', () => answers(1))
    await expect(askOrKept('other', () => fails(0))).rejects.toMatchObject({ status: 0 })
  })

  it.each([401, 404])('goes after %s', async (status) => {
    keepAnswer('board 1', { id: '1' })
    await expect(askOrKept('board 1', () => fails(status))).rejects.toMatchObject({ status })
    await expect(askOrKept('board 1', () => fails(0))).rejects.toMatchObject({ status: 0 })
  })

  it('makes room for newer ones', async () => {
    for (let at = 0; at <= 100; at++) keepAnswer(`board ${at}`, at)
    await expect(askOrKept('board 0', () => fails(0))).rejects.toMatchObject({ status: 0 })
    expect(await askOrKept('board 100', () => fails(0))).toBe(100)
  })
})
