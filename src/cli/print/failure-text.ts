import { getSystemErrorMessage } from 'node:util'

/** The message for a person about an error that ended a command. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, errno, path, address, port }: NodeJS.ErrnoException & ListenFacts = error
  if (path !== undefined && errno !== undefined) return `cannot read ${path}: ${getSystemErrorMessage(errno)}`
  if (code === 'EADDRINUSE') {
    return `port ${port} of ${address} is in use; choose another with --port or --admin-port, 0 for a free one`
  }
  return defects.some(kind => error instanceof kind) ? (error.stack ?? error.message) : error.message
}

/** Defects of ours, of which the message alone tells nothing. */
const defects = [TypeError, RangeError, ReferenceError, SyntaxError]

interface ListenFacts {
  readonly address?: string
  readonly port?: number
}
