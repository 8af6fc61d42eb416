/** Where the steps to allow a device differ. */
export type BrowserKind = 'chromium' | 'firefox' | 'safari' | 'ios' | 'android' | 'wechat'
export type SystemKind = 'windows' | 'mac' | 'ios' | 'android' | 'linux'

/** The browser as far as its steps for permissions go. */
export function browserKind(userAgent: string, touchPoints: number): BrowserKind {
  if (/MicroMessenger|DingTalk|Lark\//i.test(userAgent)) return 'wechat'
  const system = systemKind(userAgent, touchPoints)
  if (system === 'ios') return 'ios'
  if (/Firefox\//.test(userAgent)) return 'firefox'
  if (system === 'android') return 'android'
  if (/Chrome\/|Chromium\//.test(userAgent)) return 'chromium'
  return /Safari\//.test(userAgent) ? 'safari' : 'chromium'
}

/** The operating system; an iPad says that it is a Mac, but no Mac has a touch screen. */
export function systemKind(userAgent: string, touchPoints: number): SystemKind {
  if (/iPhone|iPad|iPod/.test(userAgent)) return 'ios'
  if (/Android/.test(userAgent)) return 'android'
  if (/Macintosh/.test(userAgent)) return touchPoints > 1 ? 'ios' : 'mac'
  return /Windows/.test(userAgent) ? 'windows' : 'linux'
}
