import { expect, it } from 'vitest'
import { browserKind, systemKind } from './browser'

const agents = {
  chrome:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  edge: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  safari:
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
  iphone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  android:
    'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  wechat:
    'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50',
}

it.each([
  ['chrome', 0, 'chromium', 'windows'],
  ['edge', 0, 'chromium', 'windows'],
  ['firefox', 0, 'firefox', 'linux'],
  ['safari', 0, 'safari', 'mac'],
  ['safari', 5, 'ios', 'ios'],
  ['iphone', 5, 'ios', 'ios'],
  ['android', 5, 'android', 'android'],
  ['wechat', 5, 'wechat', 'android'],
] as const)('%s with %i touch points is %s on %s', (agent, touch, browser, system) => {
  expect(browserKind(agents[agent], touch)).toBe(browser)
  expect(systemKind(agents[agent], touch)).toBe(system)
})
