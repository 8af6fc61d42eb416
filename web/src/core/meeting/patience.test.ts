import { expect, test } from 'vitest'
import { patienceFor } from './patience'

test('what comes over a strained link is given time', () => {
  expect(patienceFor(undefined, undefined)).toBeNull()
  expect(patienceFor({ level: 'weak', reason: 'uplinkBandwidth' }, undefined)).toBe(250)
  expect(patienceFor({ level: 'bad', reason: 'uplinkLoss' }, undefined)).toBe(250)
  expect(patienceFor(undefined, { level: 'weak', reason: 'downlinkLoss' })).toBe(250)
})

test('what the link cannot mend is not held back', () => {
  expect(patienceFor({ level: 'weak', reason: 'downlinkLoss' }, undefined)).toBeNull()
  expect(patienceFor({ level: 'weak', reason: 'cpu' }, { level: 'weak', reason: 'uplinkLoss' })).toBeNull()
})
