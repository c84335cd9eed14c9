import { constants, fstatSync, openSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * A descriptor of the same pipe or terminal whose writes do not block. The descriptor itself is shared with whoever
 * else writes there, and each of them can make it block again; on Linux it is opened anew, as one of our own. Gives the
 * same descriptor where there is nothing to open: a file does not block, and Node does not let a socket block.
 */
export function nonBlocking(fd: number): number {
  if (!fstatSync(fd).isFIFO() && !isatty(fd)) return fd
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    // Not on Linux, or it belongs to another user.
    return fd
  }
}
