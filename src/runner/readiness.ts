import { get } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProcessSpec } from '../pipeline/plan.ts'

const pollMs = 25
/** One probe that hangs must not use up the whole time. */
const probeTimeoutMs = 2_000

/** Waits until the process answers at the port. False: the time or the signal ended the wait. */
export async function waitUntilReady(spec: ProcessSpec, port: number, signal: AbortSignal): Promise<boolean> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(spec.readinessTimeoutMs)])
  while (!over.aborted) {
    const probe = AbortSignal.any([over, AbortSignal.timeout(probeTimeoutMs)])
    const ready = await (spec.readinessPath === undefined
      ? accepts(port, probe)
      : answers(port, spec.readinessPath, probe))
    if (ready && !over.aborted) return true
    await delay(pollMs, undefined, { signal: over }).catch(() => {})
  }
  return false
}

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
