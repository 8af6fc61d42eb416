import type { components } from './schema'

export type Problem = components['schemas']['Problem']

/** An answer of the server that is not a success, or none at all (code `offline`). */
export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly params: Record<string, unknown>
  /** What is wrong with which field of the request, by its name. */
  readonly fields: ReadonlyMap<string, string>

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.code ?? `status ${status}`)
    this.name = 'ApiError'
    this.status = status
    this.code = problem.code ?? codeOfStatus(status)
    this.params = (problem.params as Record<string, unknown> | undefined) ?? {}
    this.fields = new Map(
      (problem.errors ?? []).map((error) => [
        (error.location ?? '').replace(/^body\./, ''),
        error.message ?? '',
      ]),
    )
  }
}

/** A proxy between may answer without a problem document. */
function codeOfStatus(status: number): string {
  if (status === 0) return 'offline'
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'notFound'
  if (status === 413) return 'tooLarge'
  if (status === 429) return 'rateLimited'
  return status >= 502 && status <= 504 ? 'unavailable' : 'internal'
}

export function isApiError(error: unknown, code?: string): error is ApiError {
  return error instanceof ApiError && (code === undefined || error.code === code)
}
