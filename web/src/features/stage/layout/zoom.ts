/** How a shared picture is looked at: scale 1 is "fit"; x and y move its centre, in CSS pixels. */
export interface Zoom {
  scale: number
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

export const fitZoom: Zoom = { scale: 1, x: 0, y: 0 }
const maxScale = 6
const steps = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6]

/** The size of a picture that fits a box, keeping its shape. */
export function fitInto(picture: Size, box: Size): Size {
  if (picture.width <= 0 || picture.height <= 0) return box
  const wide = picture.width * box.height > box.width * picture.height
  if (wide) return { width: box.width, height: (box.width * picture.height) / picture.width }
  return { width: (box.height * picture.width) / picture.height, height: box.height }
}

/** Keeps the picture over the box: no edge comes further in than the edge of the box. */
export function clampZoom(zoom: Zoom, fitted: Size, box: Size): Zoom {
  const scale = Math.min(maxScale, Math.max(1, zoom.scale))
  const slackX = Math.max(0, (fitted.width * scale - box.width) / 2)
  const slackY = Math.max(0, (fitted.height * scale - box.height) / 2)
  return { scale, x: clamp(zoom.x, slackX), y: clamp(zoom.y, slackY) }
}

/** Zooms about a point of the box (measured from its centre), so that what is under it stays under it. */
export function zoomAt(
  zoom: Zoom,
  scale: number,
  point: { x: number; y: number },
  fitted: Size,
  box: Size,
): Zoom {
  const next = Math.min(maxScale, Math.max(1, scale))
  const factor = next / zoom.scale
  return clampZoom(
    { scale: next, x: point.x - (point.x - zoom.x) * factor, y: point.y - (point.y - zoom.y) * factor },
    fitted,
    box,
  )
}

/** The next larger or smaller step. */
export function stepScale(scale: number, direction: 1 | -1): number {
  if (direction > 0) return steps.find((step) => step > scale + 0.01) ?? maxScale
  return [...steps].reverse().find((step) => step < scale - 0.01) ?? 1
}

function clamp(value: number, slack: number): number {
  return Math.max(-slack, Math.min(slack, value)) || 0
}
