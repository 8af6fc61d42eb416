import type { TFunction } from 'i18next'
import type { ContentHint } from '@/core/meeting/wire'
import type { MenuEntry } from '@/ui/stage/Menu'

export function hintEntries(
  now: ContentHint,
  t: TFunction<'stage'>,
  onHint: (hint: ContentHint) => void,
): MenuEntry[] {
  return [
    {
      kind: 'radio',
      key: 'text',
      label: t('hint.text'),
      detail: t('hint.textWhy'),
      checked: now === 'text',
      onSelect: () => onHint('text'),
    },
    {
      kind: 'radio',
      key: 'motion',
      label: t('hint.motion'),
      detail: t('hint.motionWhy'),
      checked: now === 'motion',
      onSelect: () => onHint('motion'),
    },
  ]
}
