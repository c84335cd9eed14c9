import { get } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProcessSpec } from '../pipeline/plan.ts'

const pollMs = 25
const probeTimeoutMs = 2_000

/** Waits until the process answers at the port. False: the time or the signal ended the wait. */
export async function waitUntilReady(spec: ProcessSpec, port: number, signal: AbortSignal): Promise<boolean> {
  const { readinessPath, readinessTimeoutMs } = spec
  const until = performance.now() + readinessTimeoutMs
  while (!signal.aborted && performance.now() < until) {
    const ready = readinessPath === undefined ? await accepts(port) : await answers(port, readinessPath)
    if (ready) return true
    await delay(pollMs)
  }
  return false
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', timeout: probeTimeoutMs })
    const settle = (ready: boolean): void => {
      socket.destroy()
      resolve(ready)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
    socket.once('timeout', () => settle(false))
  })
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise(resolve => {
    const request = get({ port, host: '127.0.0.1', path, agent: false, timeout: probeTimeoutMs }, response => {
      response.destroy()
      const status = response.statusCode ?? 0
      resolve(status >= 200 && status < 300)
    })
    request.once('error', () => resolve(false))
    request.once('timeout', () => request.destroy(new Error('no answer')))
  })
}
