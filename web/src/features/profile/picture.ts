const side = 512

/** The middle of a picture as a square that is small enough to send; what cannot be drawn goes as it is. */
export async function squarePicture(file: File): Promise<Blob> {
  const bitmap = await createImageBitmap(file).catch(() => null)
  if (!bitmap) return file
  const edge = Math.min(bitmap.width, bitmap.height)
  const canvas = document.createElement('canvas')
  canvas.width = Math.min(side, edge)
  canvas.height = canvas.width
  const context = canvas.getContext('2d')
  if (!context) return file
  const [left, top] = [(bitmap.width - edge) / 2, (bitmap.height - edge) / 2]
  context.drawImage(bitmap, left, top, edge, edge, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  return blob ?? file
}
