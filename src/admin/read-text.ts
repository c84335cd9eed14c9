import { SluiceError } from '../errors.ts'
import type { AdminRequest } from './admin-route.ts'

/** The body as text. To be called in the turn in which the request came. Rejects with INVALID_REQUEST. */
export async function readText(request: AdminRequest): Promise<string> {
  const body = await request.body()
  if (body === undefined) throw new SluiceError('INVALID_REQUEST', 'the body broke off')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new SluiceError('INVALID_REQUEST', 'the body must be UTF-8')
  }
}
