import sprite from './icons.svg?url'

/** Names of the symbols in icons.svg. */
export type IconName =
  | 'arrow-left'
  | 'at'
  | 'back10'
  | 'bell'
  | 'bell-off'
  | 'bell-ring'
  | 'blur'
  | 'board'
  | 'book'
  | 'bookmark'
  | 'building'
  | 'cal'
  | 'cam'
  | 'cam-off'
  | 'card'
  | 'cc'
  | 'chat'
  | 'check'
  | 'clip'
  | 'clock'
  | 'code'
  | 'copy'
  | 'doc'
  | 'down'
  | 'download'
  | 'edit'
  | 'eye'
  | 'file'
  | 'film'
  | 'flag'
  | 'flip'
  | 'folder'
  | 'full'
  | 'fwd10'
  | 'globe'
  | 'grid'
  | 'hand'
  | 'history'
  | 'horn'
  | 'inbox'
  | 'info'
  | 'key'
  | 'leave'
  | 'left'
  | 'link'
  | 'lock'
  | 'log-out'
  | 'mic'
  | 'mic-off'
  | 'minus'
  | 'moon'
  | 'more'
  | 'motion'
  | 'pause'
  | 'people'
  | 'phone'
  | 'pin'
  | 'play'
  | 'plus'
  | 'record'
  | 'refresh'
  | 'reply'
  | 'right'
  | 'screen'
  | 'scroll'
  | 'search'
  | 'send'
  | 'sheet'
  | 'shield'
  | 'signal'
  | 'sliders'
  | 'smile'
  | 'speaker'
  | 'star'
  | 'sun'
  | 'task'
  | 'text'
  | 'trash'
  | 'undo'
  | 'up'
  | 'user'
  | 'volume'
  | 'weak'
  | 'work'
  | 'x'

const classes = { 14: 'i xs', 16: 'i sm', 20: 'i', 24: 'i lg' } as const

/** A decorative icon: what it stands beside, or the control around it, has the name that is read out. */
export function Icon({
  name,
  size = 20,
  className,
}: {
  name: IconName
  size?: keyof typeof classes
  className?: string
}) {
  return (
    <svg
      className={className ? `${classes[size]} ${className}` : classes[size]}
      aria-hidden="true"
      focusable="false"
    >
      <use href={`${sprite}#i-${name}`} />
    </svg>
  )
}
