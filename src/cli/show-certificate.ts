import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { messageOf } from '../errors.ts'
import { exitCodes } from './exit-codes.ts'

/** Has all calls of the command show its certificate, where `--cert` and `--key` name one. */
export async function showCertificate(command: Command): Promise<void> {
  const { cert, key } = command.opts<{ readonly cert?: string; readonly key?: string }>()
  if (cert === undefined && key === undefined) return
  if (cert === undefined) return command.error('error: --key: set --cert beside it', { exitCode: exitCodes.usage })
  if (key === undefined) return command.error('error: --cert: set --key beside it', { exitCode: exitCodes.usage })
  const files = readPair(cert, key)
  // Loaded only where it is needed.
  const { Agent, setGlobalDispatcher } = await import('undici')
  setGlobalDispatcher(new Agent({ connect: files, allowH2: false }))
}

/** Both, when they belong together. */
function readPair(certFile: string, keyFile: string): { readonly cert: string; readonly key: string } {
  const { createSecureContext } = process.getBuiltinModule('node:tls')
  try {
    const pair = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
    createSecureContext(pair)
    return pair
  } catch (thrown) {
    throw new Error(`--cert ${certFile}, --key ${keyFile}: ${messageOf(thrown)}`, { cause: thrown })
  }
}
