import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './company'

/** What a page tells of its board. */
interface BoardWatch {
  /** The board's file that was saved last. */
  saved: string | null
  /** Updates of the document that the page sent. */
  sent: number
}

declare global {
  interface Window {
    boardWatch: BoardWatch
  }
}

/** Runs in the page (an init script): keeps what is saved as a file, and counts updates. It uses nothing outside itself. */
export function installBoardWatch(): void {
  const watch: BoardWatch = { saved: null, sent: 0 }
  window.boardWatch = watch
  const makeUrl = URL.createObjectURL.bind(URL)
  URL.createObjectURL = (source) => {
    if (source instanceof Blob && source.type === 'application/json')
      void source.text().then((text) => {
        watch.saved = text
      })
    return makeUrl(source)
  }
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (data) {
    if (this.url.includes('/whiteboard/') && data instanceof Uint8Array && data[0] === 0 && data[1] === 2)
      watch.sent++
    return send.call(this, data)
  }
}

/** An element as it lies on somebody's canvas. */
export interface Drawn {
  id: string
  type: string
  x: number
  y: number
  width: number
  height: number
  text?: string
}

/** What the pages of both kinds of browser can do. */
interface Desk {
  mouse: {
    move(x: number, y: number): Promise<void>
    down(): Promise<void>
    up(): Promise<void>
    click(x: number, y: number): Promise<void>
  }
  keyboard: {
    press(key: string): Promise<void>
    type(text: string): Promise<void>
    down(key: string): Promise<void>
    up(key: string): Promise<void>
  }
  evaluate<T>(run: () => T): Promise<T>
}

export type Place = readonly [x: number, y: number]

const stepMs = 16

/** Somebody's hand on a board that is open in a page. */
export class Hand {
  private readonly desk: Desk

  constructor(desk: unknown) {
    this.desk = desk as Desk
  }

  /** Waits until the editor is there. */
  async ready(): Promise<void> {
    await this.until(() => document.querySelector('.excalidraw canvas.interactive') !== null)
  }

  async press(key: string): Promise<void> {
    await this.desk.keyboard.press(key)
  }

  async withControl(key: string): Promise<void> {
    await this.desk.keyboard.down('Control')
    await this.desk.keyboard.press(key)
    await this.desk.keyboard.up('Control')
  }

  undo(): Promise<void> {
    return this.withControl('z')
  }

  async redo(): Promise<void> {
    await this.desk.keyboard.down('Shift')
    await this.withControl('Z')
    await this.desk.keyboard.up('Shift')
  }

  async click([x, y]: Place): Promise<void> {
    await this.desk.mouse.click(x, y)
  }

  async take([x, y]: Place): Promise<void> {
    await this.desk.mouse.move(x, y)
    await this.desk.mouse.down()
  }

  async letGo(): Promise<void> {
    await this.desk.mouse.up()
  }

  /** Moves what is held in steps, as a hand does. */
  async move([fromX, fromY]: Place, [x, y]: Place, steps = 12): Promise<void> {
    for (let at = 1; at <= steps; at++) {
      await this.desk.mouse.move(fromX + ((x - fromX) * at) / steps, fromY + ((y - fromY) * at) / steps)
      await sleep(stepMs)
    }
  }

  async drag(from: Place, to: Place): Promise<void> {
    await this.take(from)
    await this.move(from, to)
    await this.letGo()
  }

  /** Draws with a tool: r rectangle, o ellipse, d diamond, p pencil, a arrow. */
  async draw(tool: 'r' | 'o' | 'd' | 'p' | 'a', from: Place, to: Place): Promise<void> {
    await this.press(tool)
    await this.drag(from, to)
    if (tool === 'p') await this.press('v')
    await this.press('Escape')
  }

  async write(at: Place, text: string): Promise<void> {
    await this.press('t')
    await this.click(at)
    await this.until(() => document.querySelector('textarea.excalidraw-wysiwyg') !== null)
    await this.desk.keyboard.type(text)
    await this.press('Escape')
    await this.press('Escape')
  }

  /** What lies on the canvas, in the order of drawing, through the editor's own menu. */
  async elements(): Promise<Drawn[]> {
    await this.desk.evaluate(() => {
      window.boardWatch.saved = null
    })
    await this.until(() => {
      // An editor that has just come may close its menu again.
      if (!document.querySelector('.dropdown-menu'))
        document.querySelector<HTMLElement>('[data-testid="main-menu-trigger"]')?.click()
      const items = [...document.querySelectorAll<HTMLElement>('.dropdown-menu button')]
      const save = items.find((item) => /^(Save as a file|另存为文件)/.test(item.textContent ?? ''))
      save?.click()
      return save !== undefined
    })
    await this.until(() => window.boardWatch.saved !== null)
    const saved = await this.desk.evaluate(() => window.boardWatch.saved)
    return (JSON.parse(saved ?? '{"elements":[]}') as { elements: Drawn[] }).elements
  }

  /** What lies on the canvas, as it can be compared between people. */
  async scene(): Promise<string[]> {
    return (await this.elements()).map(
      ({ id, type, x, y, width, height, text }) =>
        `${type} ${id} ${[x, y, width, height].map((value) => Math.round(value * 100) / 100).join(' ')} ${text ?? ''}`,
    )
  }

  async kinds(): Promise<string[]> {
    return (await this.elements()).map(({ type }) => type)
  }

  sent(): Promise<number> {
    return this.desk.evaluate(() => window.boardWatch.sent)
  }

  /** Waits until the page says so. */
  async until(holds: () => boolean): Promise<void> {
    const deadline = Date.now() + 60_000
    while (!(await this.desk.evaluate(holds))) {
      if (Date.now() > deadline) throw new Error(`never: ${holds}`)
      await sleep(50)
    }
  }
}

export interface BoardRow {
  id: string
  title: string
}

/** Makes a board that everybody in the company may draw on, or do less with. */
export async function makeBoard(
  owner: Account,
  body: Record<string, unknown> = { title: 'Plan' },
  role = 'editor',
): Promise<BoardRow> {
  const board = await owner.call<BoardRow>('POST', '/boards', body)
  await owner.call('PUT', `/boards/${board.id}/access`, { entries: [{ kind: 'everyone', role }] })
  return board
}
