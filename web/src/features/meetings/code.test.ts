import { expect, it } from 'vitest'
import { meetingCode } from './code'

it.each([
  ['abc-defg-hij', 'abc-defg-hij'],
  [' ABCdefgHIJ ', 'abc-defg-hij'],
  ['abc defg hij', 'abc-defg-hij'],
  ['https://meet.example.test/m/abc-defg-hij?x=1', 'abc-defg-hij'],
  ['abc-defg', null],
  ['', null],
  ['abc-defg-hi1', null],
])('%s → %s', (text, code) => expect(meetingCode(text)).toBe(code))
