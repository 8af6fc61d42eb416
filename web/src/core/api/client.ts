import createClient, { type FetchResponse } from 'openapi-fetch'
import { ApiError, type Problem } from './error'
import type { paths } from './schema'

/** The REST API, typed from its OpenAPI document. The session travels in a cookie of this origin. */
export const api = createClient<paths>({ baseUrl: '/api/v1', credentials: 'same-origin' })

let signedOut = () => {}

/** Says what to do when the server no longer knows the session, whichever request found out. */
export function onSignedOut(act: () => void): void {
  signedOut = act
}

/** Waits for an answer and returns its body; anything but a success is thrown as an ApiError. */
export async function send<T extends Record<string | number, unknown>, O, M extends `${string}/${string}`>(
  request: Promise<FetchResponse<T, O, M>>,
): Promise<NonNullable<FetchResponse<T, O, M>['data']>> {
  let answer: FetchResponse<T, O, M>
  try {
    answer = await request
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, { detail: String(error) })
  }
  if (!answer.response.ok) {
    const error = new ApiError(answer.response.status, problemOf(answer.error))
    if (error.code === 'unauthenticated') signedOut()
    throw error
  }
  return answer.data as NonNullable<FetchResponse<T, O, M>['data']>
}

/** Sends what the document does not describe as JSON: a picture. */
export async function upload(path: string, body: Blob): Promise<void> {
  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, {
      method: 'PUT',
      body,
      headers: { 'content-type': body.type },
      credentials: 'same-origin',
    })
  } catch (error) {
    throw new ApiError(0, { detail: String(error) })
  }
  if (response.ok) return
  const answer: unknown = await response.json().catch(() => null)
  throw new ApiError(response.status, problemOf(answer))
}

function problemOf(answer: unknown): Partial<Problem> {
  return typeof answer === 'object' && answer !== null ? (answer as Partial<Problem>) : {}
}
