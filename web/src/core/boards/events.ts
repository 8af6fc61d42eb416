import { type BoardRole, boardRoles } from './names'

export interface BoardLimits {
  /** Elements on one board. */
  elements: number
  /** Of one element as JSON. */
  elementBytes: number
}

export const usualLimits: BoardLimits = { elements: 5000, elementBytes: 200 * 1024 }

/** What the server says about a board beside its content (message type 100, whiteboard/PROTOCOL.md). */
export type BoardEvent =
  | { type: 'ready'; role: BoardRole; canWrite: boolean; limits: BoardLimits }
  | { type: 'role'; role: BoardRole; canWrite: boolean }
  | { type: 'refused'; code: string; max: number | null }
  | { type: 'accepted' }
  | { type: 'trouble'; code: string; canWrite: boolean }
  | { type: 'healed'; canWrite: boolean }
  | { type: 'closing'; code: string }

/** Reads an event; null for what this client does not know. */
export function readEvent(text: string): BoardEvent | null {
  const fields = parse(text)
  const canWrite = fields.canWrite === true
  const code = typeof fields.code === 'string' ? fields.code : ''
  switch (fields.type) {
    case 'ready':
    case 'role': {
      const role = boardRoles.find((one) => one === fields.role)
      if (!role) return null
      return fields.type === 'role'
        ? { type: 'role', role, canWrite }
        : { type: 'ready', role, canWrite, limits: readLimits(fields.limits) }
    }
    case 'refused':
      return { type: 'refused', code, max: typeof fields.max === 'number' ? fields.max : null }
    case 'accepted':
      return { type: 'accepted' }
    case 'trouble':
      return { type: 'trouble', code, canWrite }
    case 'healed':
      return { type: 'healed', canWrite }
    case 'closing':
      return { type: 'closing', code }
    default:
      return null
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function readLimits(value: unknown): BoardLimits {
  const fields = typeof value === 'object' && value !== null ? (value as Partial<BoardLimits>) : {}
  return {
    elements: fields.elements ?? usualLimits.elements,
    elementBytes: fields.elementBytes ?? usualLimits.elementBytes,
  }
}
