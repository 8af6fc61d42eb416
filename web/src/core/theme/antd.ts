import { type ThemeConfig, theme } from 'antd'
import type { Scheme } from './appearance'
import type { Tokens } from './tokens'

/** The theme of Ant Design for one scheme, from the resolved tokens: the table of the design's tokens. */
export function antdTheme(tokens: Tokens, scheme: Scheme, touch: boolean): ThemeConfig {
  const { colour, value } = tokens
  return {
    algorithm: scheme === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      ...brandTokens(tokens),
      ...stateTokens(tokens),
      ...surfaceTokens(tokens),
      ...shapeTokens(tokens, touch),
    },
    components: {
      Button: {
        fontWeight: 600,
        primaryShadow: 'none',
        defaultShadow: 'none',
        dangerShadow: 'none',
        defaultBorderColor: colour['line-strong'],
      },
      Tooltip: { colorTextLightSolid: colour['text-inverse'] },
      Select: { optionSelectedBg: colour['brand-soft'], optionActiveBg: colour['bg-hover'] },
      Modal: { borderRadiusLG: px(value('r-xl')), titleFontSize: 16 },
    },
  }
}

function brandTokens({ colour }: Tokens) {
  return {
    colorPrimary: colour.brand,
    colorInfo: colour.brand,
    colorPrimaryHover: colour['brand-hover'],
    colorPrimaryActive: colour['brand-active'],
    colorPrimaryBg: colour['brand-soft'],
    colorPrimaryBgHover: colour['brand-soft-hover'],
    colorPrimaryBorder: colour['brand-text'],
    colorPrimaryText: colour['brand-text'],
    colorLink: colour['brand-text'],
    colorTextLightSolid: colour['on-brand'],
  }
}

function stateTokens({ colour }: Tokens) {
  return {
    colorSuccess: colour['success-solid'],
    colorSuccessBg: colour['success-soft'],
    colorSuccessText: colour['success-text'],
    colorWarning: colour['warning-solid'],
    colorWarningBg: colour['warning-soft'],
    colorWarningText: colour['warning-text'],
    colorError: colour['danger-solid'],
    colorErrorBg: colour['danger-soft'],
    colorErrorText: colour['danger-text'],
  }
}

function surfaceTokens({ colour, value }: Tokens) {
  return {
    colorBgLayout: colour['bg-ground'],
    colorBgContainer: colour['bg-surface'],
    colorBgElevated: colour['bg-raised'],
    colorBgSpotlight: colour['bg-inverse'],
    colorBgMask: colour['bg-scrim'],
    colorFillTertiary: colour['bg-sunken'],
    controlItemBgHover: colour['bg-hover'],
    controlItemBgActive: colour['brand-soft'],
    colorText: colour.text,
    colorTextSecondary: colour['text-2'],
    colorTextTertiary: colour['text-3'],
    colorTextPlaceholder: colour['text-3'],
    colorTextQuaternary: colour['text-3'],
    colorTextDisabled: colour['text-disabled'],
    colorBorder: colour['line-control'],
    colorBorderSecondary: colour.line,
    colorSplit: colour.line,
    boxShadow: value('shadow-modal'),
    boxShadowSecondary: value('shadow-float'),
  }
}

function shapeTokens({ value }: Tokens, touch: boolean) {
  return {
    borderRadius: px(value('r')),
    borderRadiusXS: px(value('r-xs')),
    borderRadiusSM: px(value('r-sm')),
    borderRadiusLG: px(value('r-lg')),
    controlHeight: touch ? 44 : 40,
    controlHeightSM: 32,
    controlHeightLG: 48,
    fontSize: 14,
    fontSizeSM: 12,
    fontSizeLG: 16,
    lineHeight: 22 / 14,
    lineHeightSM: 18 / 12,
    lineHeightLG: 24 / 16,
    fontSizeHeading1: 30,
    fontSizeHeading2: 24,
    fontSizeHeading3: 20,
    fontSizeHeading4: 16,
    fontSizeHeading5: 14,
    fontFamily: value('font'),
    fontFamilyCode: value('font-mono'),
    fontWeightStrong: 600,
    lineWidthFocus: 2,
    motionDurationFast: value('m-fast'),
    motionDurationMid: value('m'),
    motionDurationSlow: value('m-slow'),
    motionEaseInOut: value('ease'),
    motionEaseOut: value('ease'),
    sizeUnit: 4,
    sizeStep: 4,
  }
}

function px(length: string): number {
  return Number.parseFloat(length)
}
