import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { get } from '../node-http.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import { portOwner } from './port-owner.ts'

const pollMs = 25
/** One probe that hangs must not use up the whole time. */
const probeTimeoutMs = 2_000

/**
 * The outcome of the wait for a process: it answers at its port; something does, and who cannot be told here; another
 * process does; or the time or the signal ended the wait.
 */
export type Readiness = 'ready' | 'unchecked' | 'taken' | 'late'

/** Waits until the process answers at the port; `leader` leads its group. */
export async function waitUntilReady(
  spec: ProcessSpec,
  { port, leader }: { readonly port: number; readonly leader: number },
  signal: AbortSignal
): Promise<Readiness> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(spec.readinessTimeoutMs)])
  while (!over.aborted) {
    const probe = AbortSignal.any([over, AbortSignal.timeout(probeTimeoutMs)])
    const ready = await (spec.readinessPath === undefined
      ? accepts(port, probe)
      : answers(port, spec.readinessPath, probe))
    // Between the choice of a free port and its use anybody can take it, and would get what is meant for the step.
    const owner = ready ? await portOwner(port, leader) : 'nobody'
    if (owner !== 'nobody' && !over.aborted) return readinessBy[owner]
    await delay(pollMs, undefined, { signal: over }).catch(() => {})
  }
  return 'late'
}

const readinessBy = { own: 'ready', other: 'taken', unknown: 'unchecked' } as const

function accepts(port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', signal })
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

function answers(port: number, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    const request = get({ port, host: '127.0.0.1', path, agent: false, signal }, ({ statusCode = 0 }) => {
      request.destroy()
      resolve(statusCode >= 200 && statusCode < 300)
    })
    request.on('error', () => resolve(false))
  })
}
