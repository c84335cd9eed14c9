import { setTimeout as delay } from 'node:timers/promises'
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { startStep, type StepServer } from '../helpers/step-server.ts'
import { ended, submit } from '../helpers/submit.ts'

export interface BlackoutOptions {
  /** How long the step is well, fails every call at once, and is well again, in milliseconds. */
  readonly beforeMs: number
  readonly blackoutMs: number
  readonly afterMs: number
  /** ISO 8601 durations, as in a definition. */
  readonly rollingCountTimeout: string
  readonly resetTimeout: string
}

export interface BlackoutFigures {
  /** Replies in a second, while all was well. */
  readonly goodputBefore: number
  /** From the end of the blackout until the goodput of a second is 95 % of what it was, in milliseconds. */
  readonly recoveryMs: number
  /** Calls of the step for each request that was accepted during the blackout. */
  readonly attemptsPerRequest: number
  readonly accepted: number
  readonly replied: number
  /** Before the breaker was open: their own retries were over. */
  readonly deadLetteredBefore: number
  /** After it was. */
  readonly deadLetteredWhileOpen: number
}

const maxInFlight = 4
const stepMs = 60
/** Of what the step can do. */
const load = 0.8
const gapMs = stepMs / maxInFlight / load
const goodputWindowMs = 1_000
/** A call that began before the breaker opened may fail, and be seen, a moment later. */
const slackMs = 250

interface Arrival {
  readonly at: number
  readonly id: string
}

/** 80 % load of stored requests on a step that fails totally for some time, and what becomes of them. */
export async function runBlackout(options: BlackoutOptions): Promise<BlackoutFigures> {
  const repliedAt: number[] = []
  const health = { well: true }
  await using step = await startStep(async () => {
    if (!health.well) return 503
    await delay(stepMs)
    repliedAt.push(performance.now())
    return { body: 'done' }
  })
  const { rollingCountTimeout, resetTimeout } = options
  await using gateway = await startTestGateway({
    steps: [{ uri: step.url, circuitBreaker: { rollingCountTimeout, resetTimeout } }],
    spec: { limits: { maxInFlight } }
  })
  const from = performance.now() + options.beforeMs
  const until = from + options.blackoutMs
  const arriving = arrive(gateway, until + options.afterMs)
  await delay(from - performance.now())
  health.well = false
  const openedAt = await breakerOpen(gateway)
  await delay(until - performance.now())
  health.well = true
  const arrivals = await arriving
  const goodputBefore = rateIn(repliedAt, from - options.beforeMs / 2, options.beforeMs / 2)
  return {
    goodputBefore,
    recoveryMs: recoveryOf(repliedAt, until, goodputBefore),
    attemptsPerRequest: attemptsPerRequest(step, arrivals, from, until),
    ...(await outcomesOf(gateway, arrivals, openedAt))
  }
}

/** One request after the other at an even pace, whatever becomes of those before. */
async function arrive(gateway: TestGateway, until: number): Promise<Arrival[]> {
  const accepted: Promise<Arrival>[] = []
  for (let at = performance.now(); at < until; at += gapMs) {
    await delay(Math.max(0, at - performance.now()))
    accepted.push(submit(gateway).then(id => ({ at, id })))
  }
  return Promise.all(accepted)
}

/** When it was seen to be open, in milliseconds since the epoch. */
async function breakerOpen({ adminUrl }: TestGateway): Promise<number> {
  for (;;) {
    const { items } = (await (await fetch(`${adminUrl}/breakers`)).json()) as { items: { state: string }[] }
    if (items.some(({ state }) => state === 'open')) return Date.now()
    await delay(10)
  }
}

/** Events in a second, of those within the given time. */
const rateIn = (times: readonly number[], from: number, ms: number): number =>
  (times.filter(at => at >= from && at < from + ms).length / ms) * 1000

function recoveryOf(repliedAt: readonly number[], until: number, before: number): number {
  const well = repliedAt.filter(at => at >= until)
  const recoveredAt = well.find(at => rateIn(well, at, goodputWindowMs) >= 0.95 * before)
  return recoveredAt === undefined ? Infinity : recoveredAt - until
}

function attemptsPerRequest(
  { requests }: StepServer,
  arrivals: readonly Arrival[],
  from: number,
  until: number
): number {
  const within = ({ at }: { readonly at: number }): boolean => at >= from && at < until
  return requests.filter(within).length / arrivals.filter(within).length
}

async function outcomesOf(gateway: TestGateway, arrivals: readonly Arrival[], openedAt: number) {
  const figures = { accepted: arrivals.length, replied: 0, deadLetteredBefore: 0, deadLetteredWhileOpen: 0 }
  for (const { id } of arrivals) {
    const { status, finishedAt = '' } = await ended(gateway, id, 60_000)
    if (status === 'replied') figures.replied++
    else if (Date.parse(finishedAt) < openedAt + slackMs) figures.deadLetteredBefore++
    else figures.deadLetteredWhileOpen++
  }
  return figures
}
