import { ConfigProvider } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import dayjs from 'dayjs'
import { type ReactNode, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { antdTheme } from '@/core/theme/antd'
import { appearanceStore } from '@/core/theme/appearance'
import { resolveTokens } from '@/core/theme/tokens'
import { phoneQuery, useMedia } from '../useMedia'
import { useStore } from '../useStore'
import 'dayjs/locale/zh-cn'

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''

/**
 * Dialogs are drawn here instead of in the body: Ant Design then leaves the scrolling of the body alone, for which it
 * writes styles without the nonce. Pages scroll inside the shell anyway.
 */
export const layers = document.createElement('div')
document.body.append(layers)

/**
 * Gives Ant Design the theme, the language and the nonce for its styles. It stands around the parts that use Ant
 * Design instead of the whole page, so that pages without them do not load it.
 */
export function AntdScope({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation()
  const { scheme } = useStore(appearanceStore)
  const touch = useMedia(`(pointer: coarse), ${phoneQuery}`)
  const chinese = i18n.language === 'zh-CN'
  dayjs.locale(chinese ? 'zh-cn' : 'en')
  const theme = useMemo(() => antdTheme(resolveTokens(), scheme, touch), [scheme, touch])
  return (
    <ConfigProvider
      theme={theme}
      locale={chinese ? zhCN : enUS}
      csp={{ nonce }}
      button={{ autoInsertSpace: false }}
      wave={{ disabled: true }}
    >
      {children}
    </ConfigProvider>
  )
}
