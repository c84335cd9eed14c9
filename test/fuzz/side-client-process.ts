import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { startEchoStep } from '../helpers/echo-step.ts'
import type { SideFigures } from './side-client.ts'

/* The process of a side client: a step, and one caller after the other who waits for the answer. */

const everyMs = 10
const body = JSON.stringify({ text: 'honest' })

const step = await startEchoStep()
const agent = new Agent({ connections: 1 })
const state = { running: false }
const times: number[] = []
let failed = 0

process.on('message', (message: { readonly begin?: string; readonly end?: true }) => {
  if (message.begin === undefined) {
    state.running = false
    process.send?.(figures())
  } else {
    state.running = true
    void callAgain(message.begin)
  }
})
process.on('disconnect', () => process.exit())
process.send?.({ stepUrl: step.url })

async function callAgain(url: string): Promise<void> {
  while (state.running) {
    const from = performance.now()
    if (!(await isServed(url))) failed++
    times.push(performance.now() - from)
    await delay(everyMs)
  }
}

async function isServed(url: string): Promise<boolean> {
  try {
    const headers = { 'content-type': 'application/json' }
    const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent })
    return (await answer.body.text()) === body && answer.statusCode === 200
  } catch {
    return false
  }
}

function figures(): SideFigures {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { calls: sorted.length, failed, p50: at(0.5), p99: at(0.99), longest: at(1) }
}
