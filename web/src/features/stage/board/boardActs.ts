import { api, send } from '@/core/api/client'

/** What a board that is opened in a meeting begins with: one that is there already, a template, or nothing. */
export type BoardWish =
  | { boardId: string }
  | { template: 'retrospective' | 'flowchart' | 'kanban' | 'brainstorm' }
  | Record<string, never>

/** Opens a board in the meeting, where it is shown to all. The meeting's state then tells of it. */
export async function openBoard(meetingId: string, wish: BoardWish): Promise<void> {
  await send(api.POST('/meetings/{id}/boards', { params: { path: { id: meetingId } }, body: wish }))
}

/** Closes it for all; what was drawn is kept. */
export async function closeBoard(meetingId: string, boardId: string): Promise<void> {
  await send(api.DELETE('/meetings/{id}/boards/{boardId}', { params: { path: { id: meetingId, boardId } } }))
}
