/** Drawn people and a drawn screen, so that pages can be looked at without cameras. */

const walls = [
  '#b9c3cc',
  '#8fa3a8',
  '#c9c1b4',
  '#6f7c91',
  '#d3ccc6',
  '#7f8a7d',
  '#a9b4a4',
  '#9d97ad',
] as const
const clothes = [
  '#2f4a6b',
  '#3a3f4c',
  '#6d7f5c',
  '#d6d2c8',
  '#45637a',
  '#3c3a5a',
  '#a05a4a',
  '#2f5b58',
] as const
const skins = [
  '#e3b899',
  '#c68e6b',
  '#d7a583',
  '#8d5b3e',
  '#f0cdb2',
  '#b67d59',
  '#eac4a6',
  '#dcae8c',
] as const
const hairs = [
  '#2b2421',
  '#15110f',
  '#1f1a18',
  '#120e0c',
  '#8a6238',
  '#1a1513',
  '#5a3d26',
  '#241c1a',
] as const

type Pen = CanvasRenderingContext2D

function streamOf(width: number, height: number, draw: (pen: Pen, tick: number) => void): MediaStream {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('this browser cannot draw')
  let tick = 0
  draw(pen, tick)
  window.setInterval(() => draw(pen, ++tick), 500)
  return canvas.captureStream(2)
}

/** A camera that shows somebody before a wall. */
export function personStream(index: number, upright = false): MediaStream {
  const at = index % walls.length
  return streamOf(upright ? 360 : 640, upright ? 640 : 360, (pen, tick) => {
    const { width, height } = pen.canvas
    const [x, y, r] = [width / 2, height * 0.46, Math.min(width, height) * 0.19]
    pen.fillStyle = walls[at] ?? walls[0]
    pen.fillRect(0, 0, width, height)
    pen.fillStyle = 'rgb(255 255 255 / 30%)'
    pen.fillRect(width * 0.68, height * 0.1, width * 0.2, height * 0.42)
    pen.fillStyle = hairs[at] ?? hairs[0]
    ellipse(pen, x, y - r * 0.25, r * 1.1, r * 1.15)
    pen.fillStyle = clothes[at] ?? clothes[0]
    ellipse(pen, x, height * 1.12, r * 2.5, height * 0.42)
    pen.fillStyle = skins[at] ?? skins[0]
    pen.fillRect(x - r * 0.32, y + r * 0.4, r * 0.64, r)
    ellipse(pen, x, y + Math.sin(tick + index) * 1.5, r * 0.84, r * 1.04)
  })
}

/** A shared screen with text to read. */
export function screenStream(): MediaStream {
  return streamOf(1920, 1080, (pen, tick) => {
    pen.fillStyle = '#fff'
    pen.fillRect(0, 0, 1920, 1080)
    pen.fillStyle = '#171a20'
    pen.font = '600 60px "Noto Sans CJK SC", sans-serif'
    pen.fillText('十月运营月报', 88, 130)
    pen.font = '26px "Noto Sans CJK SC", sans-serif'
    pen.fillStyle = '#626a78'
    pen.fillText(`统计范围：2026-10-01 至 2026-10-31 · 数据来源：平台运营统计 · ${tick}`, 88, 180)
    ;['日活跃用户 850', '会议使用率 65%', '知识库更新 120 篇', '平均响应 6.4 分'].forEach((text, i) => {
      pen.strokeStyle = '#e4e7eb'
      pen.lineWidth = 2
      pen.strokeRect(88 + i * 442, 230, 418, 190)
      pen.fillStyle = '#464d5a'
      pen.font = '32px "Noto Sans CJK SC", sans-serif'
      pen.fillText(text, 120 + i * 442, 330)
    })
    for (let i = 0; i < 9; i++) {
      pen.fillStyle = '#464d5a'
      pen.font = '28px "Noto Sans CJK SC", sans-serif'
      pen.fillText(
        `${i + 1}. 分公司会议多用屏幕共享，华南、西南先配会议室设备，负责人赵启明`,
        88,
        510 + i * 60,
      )
    }
  })
}

function ellipse(pen: Pen, x: number, y: number, width: number, height: number): void {
  pen.beginPath()
  pen.ellipse(x, y, width, height, 0, 0, 2 * Math.PI)
  pen.fill()
}
