import { ApiError } from '@/core/api/error'

/** What a board needs of the REST API. */
export interface BoardServer {
  /** Sends a picture; throws RefusedPicture when sending it again would not help. */
  sendPicture(bytes: Blob): Promise<void>
  fetchPicture(id: string): Promise<Blob>
}

/** The server will not take this picture. */
export class RefusedPicture extends Error {
  readonly code: string

  constructor(code: string) {
    super(`refused: ${code}`)
    this.name = 'RefusedPicture'
    this.code = code
  }
}

export function boardServer(boardId: string): BoardServer {
  const path = `/api/v1/boards/${boardId}/files`
  return {
    async sendPicture(bytes) {
      const response = await fetch(path, {
        method: 'POST',
        body: bytes,
        headers: { 'content-type': bytes.type },
        credentials: 'same-origin',
      })
      if (response.ok) return
      const problem: unknown = await response.json().catch(() => null)
      const { code } = new ApiError(response.status, typeof problem === 'object' && problem ? problem : {})
      const mayPass = response.status >= 500 || response.status === 429 || response.status === 401
      throw mayPass ? new Error(code) : new RefusedPicture(code)
    },
    async fetchPicture(id) {
      const response = await fetch(`${path}/${encodeURIComponent(id)}`, { credentials: 'same-origin' })
      if (!response.ok) throw new Error(`picture ${id}: ${response.status}`)
      return response.blob()
    },
  }
}
