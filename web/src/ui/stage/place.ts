interface Box {
  left: number
  top: number
  right: number
  bottom: number
  width: number
  height: number
}

const gap = 8
const edge = 8

/** Where a box of the given size goes beside its anchor: on the wanted side, or the other when there is no room, inside the window. */
export function place(
  anchor: Box,
  box: { width: number; height: number },
  window: { width: number; height: number },
  side: 'top' | 'bottom',
  align: 'center' | 'start' | 'end',
): { left: number; top: number } {
  const above = anchor.top - gap - box.height
  const below = anchor.bottom + gap
  const fitsAbove = above >= edge
  const fitsBelow = below + box.height <= window.height - edge
  const top =
    side === 'top' ? (fitsAbove || !fitsBelow ? above : below) : fitsBelow || !fitsAbove ? below : above
  const left =
    align === 'start'
      ? anchor.left
      : align === 'end'
        ? anchor.right - box.width
        : anchor.left + (anchor.width - box.width) / 2
  return {
    left: Math.round(Math.max(edge, Math.min(left, window.width - edge - box.width))),
    top: Math.round(Math.max(edge, Math.min(top, window.height - edge - box.height))),
  }
}
