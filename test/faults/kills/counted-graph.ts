import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { listenOnLoopback } from '../../helpers/loopback.ts'
import { pipelineText } from '../../helpers/gateway.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { Numbered } from './counted-places.ts'

/** The steps of the graph; those of a branch have its letter. */
export const graphSteps = ['x', 'a1', 'a2', 'b1', 'b2', 'd', 'z'] as const
export type GraphStep = (typeof graphSteps)[number]

/** The steps that have ended when this one is called. */
export const endedBefore: Readonly<Record<GraphStep, readonly GraphStep[]>> = {
  x: [],
  a1: ['x'],
  a2: ['x', 'a1'],
  b1: ['x'],
  b2: ['x', 'b1'],
  d: ['x'],
  z: ['x', 'a1', 'a2', 'b1', 'b2', 'd']
}

/** A call of a step for an event, among all that came. */
export interface GraphCall {
  readonly step: GraphStep
  readonly eventId: string
  readonly body: string
}

/** Servers that outlive the gateways, and know each call by the number of its event, in order. */
export interface CountedGraph extends AsyncDisposable {
  readonly steps: readonly Record<string, unknown>[]
  readonly others: readonly string[]
  callsOf(n: number): readonly GraphCall[]
  /** From now on no event fails. */
  heal(): void
}

/** The branch that fails does so when the others have long ended. */
const failsAfterMs = 300

/** `serviceMs` says how long a step works. */
export async function startCountedGraph(serviceMs: () => number): Promise<CountedGraph> {
  const health = { well: false }
  const calls = new Map<number, GraphCall[]>()
  const answered = new Set<string>()
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const step = request.url?.slice(1) as GraphStep
    const body = await text(request)
    const { n, end } = numberedIn(body)
    const known = calls.get(n) ?? []
    calls.set(n, known)
    known.push({ step, eventId: String(request.headers['ce-id']), body })
    await delay(serviceMs())
    const fails = step === 'd' && end === 'failed' && !health.well
    if (fails) {
      const others = () => answered.has(`a2/${n}`) && answered.has(`b2/${n}`)
      await waitFor(others, { what: 'the other branches' })
      await delay(failsAfterMs)
    }
    const filters = step === 'x' && end === 'filtered'
    response.writeHead(fails ? 400 : filters ? 202 : 200, { 'content-type': 'application/json' }).end(body)
    answered.add(`${step}/${n}`)
  }
  const server = createServer((request, response) => {
    // A caller that was killed goes away in the middle.
    serve(request, response).catch(() => response.destroy())
  })
  const url = `http://127.0.0.1:${await listenOnLoopback(server)}`
  return {
    ...graphAt(url),
    callsOf: n => calls.get(n) ?? [],
    heal() {
      health.well = true
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    }
  }
}

/** The event's own, or that of each branch. */
function numberedIn(body: string): Numbered {
  const data = JSON.parse(body) as Numbered & { readonly left?: Numbered }
  return data.left ?? data
}

/** A parallel step inside a switch inside a nested pipeline. */
function graphAt(url: string): Pick<CountedGraph, 'steps' | 'others'> {
  const step = (name: GraphStep) => ({ name, uri: `${url}/${name}` })
  const branches = [
    { name: 'left', steps: [step('a1'), step('a2')] },
    { name: 'mid', steps: [step('b1'), step('b2')] },
    { name: 'right', steps: [step('d')] }
  ]
  const route = {
    name: 'route',
    switch: [{ name: 'fans', when: 'true', steps: [{ name: 'fan', parallel: { branches } }] }]
  }
  const inner = pipelineText([step('x'), route]).replace('"name":"test"', '"name":"inner"')
  return { steps: [{ name: 'nest', pipeline: 'inner' }, step('z')], others: [inner] }
}
