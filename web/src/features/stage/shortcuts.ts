/** What a key does on the stage. */
export type Shortcut = 'microphone' | 'camera' | 'share' | 'hand' | 'chat' | 'people' | 'help' | 'talk'

export interface KeyPress {
  key: string
  code: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
  isComposing: boolean
  repeat: boolean
  target: EventTarget | null
}

const byCode: Record<string, Shortcut> = {
  KeyM: 'microphone',
  KeyV: 'camera',
  KeyS: 'share',
  KeyH: 'hand',
  KeyC: 'chat',
  KeyP: 'people',
}

/** The keys as people read them, in the order of the help. */
export const shortcutKeys: ReadonlyArray<{ shortcut: Shortcut; key: string }> = [
  { shortcut: 'microphone', key: 'M' },
  { shortcut: 'camera', key: 'V' },
  { shortcut: 'share', key: 'S' },
  { shortcut: 'hand', key: 'H' },
  { shortcut: 'chat', key: 'C' },
  { shortcut: 'people', key: 'P' },
  { shortcut: 'talk', key: 'Space' },
  { shortcut: 'help', key: '?' },
]

/**
 * The shortcut of a key press, or null. Letters go by the physical key, so that they work under a Chinese input method;
 * nothing happens while one types, composes, or holds a modifier, and Space stays with the button that has the focus. On
 * a board the letters choose its tools.
 */
export function shortcutOf(press: KeyPress): Shortcut | null {
  if (press.isComposing || press.key === 'Process' || press.ctrlKey || press.metaKey || press.altKey)
    return null
  if (takesText(press.target) || onBoard(press.target)) return null
  if (press.key === '?' || press.key === '？') return press.repeat ? null : 'help'
  if (press.code === 'Space') return operates(press.target) ? null : 'talk'
  if (press.repeat || press.shiftKey || inMenu(press.target)) return null
  return byCode[press.code] ?? null
}

function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  return target.closest('input, textarea, select, [contenteditable=""], [contenteditable="true"]') !== null
}

function onBoard(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[data-board]') !== null
}

function operates(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  return target.closest('button, a[href], summary, [role="menu"], [role="dialog"], dialog') !== null
}

function inMenu(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="menu"], [role="listbox"], dialog') !== null
}
