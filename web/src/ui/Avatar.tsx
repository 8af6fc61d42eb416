import { useState } from 'react'
import { identityColour, initials } from './initials'

export interface AvatarProps {
  name: string
  /** Decides the colour; the same for one person everywhere. Defaults to the name. */
  id?: string | undefined
  url?: string | null | undefined
  size?: 20 | 24 | 28 | 32 | 36 | 40 | 44 | 48 | 72 | 96
  /** Groups are square. */
  group?: boolean
  className?: string
}

/** A picture or initials. It is decorative: the name stands beside it. */
export function Avatar({ name, id, url, size = 36, group = false, className = '' }: AvatarProps) {
  const [broken, setBroken] = useState<string | null>(null)
  const classes = `av s${size} c${identityColour(id ?? name)}${group ? ' group' : ''} ${className}`
  const picture = url && broken !== url ? url : null
  return (
    <span className={classes.trim()} aria-hidden="true" data-letters={picture ? undefined : initials(name)}>
      {picture && <img src={picture} alt="" onError={() => setBroken(picture)} />}
    </span>
  )
}
