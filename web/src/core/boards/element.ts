/**
 * One element of a board as the document holds it: a whole Excalidraw element. What is read from the document is never
 * changed in place; what the editor holds may be.
 */
export interface BoardElement {
  readonly id: string
  readonly type: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly angle: number
  readonly version: number
  /** Changes with every change of the element. */
  readonly versionNonce: number
  /** Fractional index: where it stands in the order of drawing. */
  readonly index: string | null
  readonly isDeleted: boolean
  readonly frameId?: string | null
  readonly containerId?: string | null
  readonly fileId?: string | null
  readonly points?: readonly (readonly number[])[]
  readonly text?: string
}

const numbers = ['x', 'y', 'width', 'height', 'angle', 'opacity', 'strokeWidth', 'roughness', 'seed'] as const
const strings = ['strokeColor', 'backgroundColor', 'fillStyle', 'strokeStyle'] as const

type Fields = Record<string, unknown>

const isNumber = (value: unknown): value is number => Number.isFinite(value)
const isString = (value: unknown): value is string => typeof value === 'string'

function isPoint(value: unknown): boolean {
  return Array.isArray(value) && value.length >= 2 && isNumber(value[0]) && isNumber(value[1])
}

function hasPoints(fields: Fields): boolean {
  return Array.isArray(fields.points) && fields.points.length > 0 && fields.points.every(isPoint)
}

/** What each kind of element needs beside the common fields, so that drawing it cannot fail. */
const kinds: Readonly<Record<string, (fields: Fields) => boolean>> = {
  rectangle: () => true,
  diamond: () => true,
  ellipse: () => true,
  embeddable: () => true,
  frame: (fields) => fields.name === null || isString(fields.name),
  line: hasPoints,
  arrow: hasPoints,
  freedraw: (fields) => hasPoints(fields) && Array.isArray(fields.pressures),
  image: (fields) =>
    (fields.fileId === null || isString(fields.fileId)) &&
    Array.isArray(fields.scale) &&
    fields.scale.every(isNumber),
  text: (fields) =>
    isString(fields.text) &&
    isNumber(fields.fontSize) &&
    isNumber(fields.fontFamily) &&
    isNumber(fields.lineHeight),
}

/**
 * Reads what the document holds under an id. Null for what cannot be drawn: another program may have written it, and one
 * broken element must not take the board from everybody.
 */
export function readElement(id: string, value: unknown): BoardElement | null {
  if (typeof value !== 'object' || value === null) return null
  const fields = value as Fields
  const fits =
    fields.id === id &&
    isString(fields.type) &&
    numbers.every((name) => isNumber(fields[name])) &&
    strings.every((name) => isString(fields[name])) &&
    isNumber(fields.version) &&
    isNumber(fields.versionNonce) &&
    (fields.index === null || isString(fields.index)) &&
    Array.isArray(fields.groupIds) &&
    (fields.boundElements === null || Array.isArray(fields.boundElements)) &&
    fields.isDeleted !== true &&
    Object.hasOwn(kinds, fields.type) &&
    kinds[fields.type]?.(fields)
  return fits ? (value as BoardElement) : null
}

/** The order of drawing: by fractional index, equal ones by id, so that everybody sees the same. */
export function compareOrder(
  a: { index: string | null; id: string },
  b: { index: string | null; id: string },
): number {
  const [left, right] = [a.index ?? '', b.index ?? '']
  if (left !== right) return left < right ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/** An element that is only begun: the editor takes it back when nothing comes of it. */
export function isBegun(element: BoardElement): boolean {
  if (element.points) return element.points.length < 2
  if (element.type === 'text') return element.text === ''
  if (element.type === 'image') return !element.fileId
  return element.width === 0 && element.height === 0
}

/** What changes when an element is moved; its place in the order may be mended at any time. */
const movedFields: ReadonlySet<string> = new Set(['x', 'y', 'version', 'versionNonce', 'updated', 'index'])

/** Whether an element is what it was before, but for where it is. */
export function isMoved(element: BoardElement, before: BoardElement): boolean {
  const [now, then] = [element as unknown as Fields, before as unknown as Fields]
  return Object.keys(now).every((name) => movedFields.has(name) || isEqual(now[name], then[name]))
}

function isEqual(a: unknown, b: unknown): boolean {
  return (
    a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
  )
}

/** About how many bytes an element takes in an update; exact enough to keep to the limits. */
export function sizeOf(element: BoardElement): number {
  return 600 + (element.points?.length ?? 0) * 28 + (element.text?.length ?? 0) * 6
}
