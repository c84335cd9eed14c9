import type { Socket } from 'node:net'

/**
 * Makes undici skip an unasked `100 Continue`, as RFC 9110 section 15.2 has it of every interim answer: it ends the
 * connection for this one, and skips all others. Its parser, which it keeps at the socket, is told another number.
 */
export function skipContinue(socket: Socket | undefined): void {
  const parser = socket && parserOf(socket)
  if (parser === undefined) return
  const { onHeadersComplete } = parser
  parser.onHeadersComplete = (status, upgrade, keepAlive) =>
    onHeadersComplete.call(parser, status === 100 ? processing : status, upgrade, keepAlive)
}

/** 102, an interim answer like any other. */
const processing = 102

interface Parser {
  onHeadersComplete: (status: number, upgrade: boolean, keepAlive: boolean) => number
}

function parserOf(socket: Socket): Parser | undefined {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'parser')
  const parser: unknown = key && Reflect.get(socket, key)
  return isParser(parser) ? parser : undefined
}

const isParser = (value: unknown): value is Parser =>
  typeof value === 'object' && value !== null && 'onHeadersComplete' in value
