import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'

/** The bytes of a `-d` value: itself, `@file`, or `@-` for what comes in on stdin. */
export async function readInput(value: string): Promise<Buffer> {
  if (!value.startsWith('@')) return Buffer.from(value)
  return value === '@-' ? buffer(process.stdin) : readFile(value.slice(1))
}
