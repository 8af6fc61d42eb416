import { describe, expect, it } from 'vitest'
import { byName, clock, dayAndClock, dayName, duration, relativeTime } from './format'

const zone = 'Asia/Shanghai'
const now = new Date('2026-11-20T06:00:00Z') // Friday 14:00 in Shanghai
const at = (text: string) => new Date(text)

describe('dayName', () => {
  it.each([
    ['2026-11-20T15:30:00Z', 'en', 'Today'],
    ['2026-11-20T16:30:00Z', 'en', 'Tomorrow'],
    ['2026-11-19T16:30:00Z', 'zh-CN', '今天'],
    ['2026-11-19T15:30:00Z', 'zh-CN', '昨天'],
    ['2026-11-24T02:00:00Z', 'zh-CN', '11 月 24 日周二'],
    ['2026-11-24T02:00:00Z', 'en', 'Tue, Nov 24'],
    ['2027-03-03T02:00:00Z', 'en', 'Mar 3, 2027'],
  ])('%s in %s is %s', (time, locale, expected) => {
    expect(dayName(at(time), now, locale, zone)).toBe(expected)
  })
})

describe('clock', () => {
  it('has midnight as 00:00', () => {
    expect(clock(at('2026-11-20T16:00:00Z'), 'en', zone)).toBe('00:00')
    expect(dayAndClock(at('2026-11-20T16:00:00Z'), now, 'zh-CN', zone)).toBe('明天 00:00')
  })
})

describe('relativeTime', () => {
  it.each([
    ['2026-11-20T05:59:30Z', 'en', 'just now'],
    ['2026-11-20T06:00:20Z', 'zh-CN', '刚刚'],
    ['2026-11-20T05:55:30Z', 'en', '4 minutes ago'],
    ['2026-11-20T08:10:00Z', 'en', 'in 2 hours'],
    ['2026-11-20T05:55:30Z', 'zh-CN', '4 分钟前'],
    ['2026-11-18T06:00:00Z', 'en', 'Wed, Nov 18 14:00'],
    ['2026-11-20T22:00:00Z', 'en', 'tomorrow 06:00'],
  ])('%s in %s is %s', (time, locale, expected) =>
    expect(relativeTime(at(time), now, locale, zone)).toBe(expected),
  )
})

describe('duration', () => {
  it.each([
    [20_000, '1 min'],
    [45 * 60_000, '45 min'],
    [90 * 60_000, '1 hr 30 min'],
    [120 * 60_000, '2 hr'],
  ])('%i ms is %s', (milliseconds, expected) => expect(duration(milliseconds, 'en')).toBe(expected))
})

describe('byName', () => {
  it('sorts Chinese names by pinyin', () => {
    const names = ['赵启明', '陈雨桐', '李慕白', '周静'].map((name) => ({ name }))
    expect(byName(names, 'zh-CN').map(({ name }) => name)).toEqual(['陈雨桐', '李慕白', '赵启明', '周静'])
  })
})
