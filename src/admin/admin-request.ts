import type { Context } from 'hono'
import { SluiceError } from '../errors.ts'
import { BodyMemory, BodyShare } from '../event/body-memory.ts'
import type { NodeBindings } from '../http/listen.ts'
import type { AdminRequest } from './admin-route.ts'

/** Octets of one body, and of all bodies at once: definitions are text that people write. */
const maxBodyBytes = 4 * 2 ** 20
const maxBytes = 64 * 2 ** 20

/** The memory that the bodies of an admin plane share. */
export const createAdminMemory = (): BodyMemory => new BodyMemory(maxBytes)

/** A call of the admin plane, as its handler sees it. */
export const adminRequest = (
  { req, env: { incoming, outgoing } }: Context<NodeBindings>,
  memory: BodyMemory
): AdminRequest => ({
  param: name => req.param(name) ?? '',
  query: new URL(req.url).searchParams,
  header: name => req.header(name),
  body: async () => {
    const share = new BodyShare(memory)
    outgoing.once('close', () => share.release())
    try {
      return await incoming.body(maxBodyBytes, share)
    } catch (thrown) {
      throw thrown instanceof SluiceError && thrown.code === 'BODY_TOO_LARGE'
        ? thrown.said(`the body is larger than the ${maxBodyBytes} bytes that the admin plane takes`)
        : thrown
    }
  },
  gone: () => {
    const ending = new AbortController()
    outgoing.once('close', () => ending.abort())
    if (outgoing.destroyed) ending.abort()
    return ending.signal
  }
})
