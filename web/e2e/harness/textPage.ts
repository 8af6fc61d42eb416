import type { Page } from 'playwright-core'
import type { Person } from './call'

const textTitle = 'Parley text sample'

/** Tells Chromium's tab capture to choose the page. */
export const chooseText = `--auto-select-tab-capture-source-by-title=${textTitle}`

/** Opens the page to share: lines of letters of 3 × 5 cells of 4 CSS pixels, as in a document at 16 pixels. */
export async function openTextPage(person: Person): Promise<Page> {
  const body = `<title>${textTitle}</title><body style="margin:0"><canvas width="1440" height="900"></canvas></body>`
  await person.context.route('http://text.test/', (route) =>
    route.fulfill({ contentType: 'text/html', body }),
  )
  const page = await person.context.newPage()
  await page.goto('http://text.test/')
  return page
}

/** Turns to another page of text. */
export const turnTo = (page: Page, number: number) => page.evaluate(paintText, number)

function paintText(number: number): void {
  const context = document.querySelector('canvas')?.getContext('2d')
  if (!context) throw new Error('no canvas')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, 1440, 900)
  context.fillStyle = '#000'
  for (let line = 0; line < 24; line++) {
    for (let letter = 0; letter < 80; letter++) {
      for (let dot = 0; dot < 15; dot++) {
        const seed = Math.imul(number * 7919 + line * 104729 + letter * 1299709 + dot + 1, 2654435761)
        if (((seed ^ (seed >>> 13)) >>> 16) & 1) {
          const x = 20 + letter * 4 + (dot % 3)
          const y = 4 + line * 9 + Math.floor(dot / 3)
          context.fillRect(x * 4, y * 4, 4, 4)
        }
      }
    }
  }
}

/** The share of the letters' cells that a viewer sees in the wrong colour, 1 without a picture in full size. */
export function wrongText(person: Person, number: number): Promise<number> {
  return person.page.evaluate((wanted) => {
    const video = document.querySelector<HTMLVideoElement>('[data-share] video')
    if (video?.videoWidth !== 1440) return 1
    const canvas = document.createElement('canvas')
    canvas.width = 1440
    canvas.height = 900
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) return 1
    context.drawImage(video, 0, 0)
    const pixels = context.getImageData(0, 0, 1440, 900).data
    let wrong = 0
    for (let line = 0; line < 24; line++) {
      for (let letter = 0; letter < 80; letter++) {
        for (let dot = 0; dot < 15; dot++) {
          const seed = Math.imul(wanted * 7919 + line * 104729 + letter * 1299709 + dot + 1, 2654435761)
          const ink = (((seed ^ (seed >>> 13)) >>> 16) & 1) === 1
          const x = 20 + letter * 4 + (dot % 3)
          const y = 4 + line * 9 + Math.floor(dot / 3)
          const grey = pixels[((y * 4 + 2) * 1440 + x * 4 + 2) * 4] ?? 0
          if (grey < 128 !== ink) wrong++
        }
      }
    }
    return wrong / (24 * 80 * 15)
  }, number)
}
