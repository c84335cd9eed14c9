import { setPriority } from 'node:os'
import type { Audit } from '../faults/kills/accounting.ts'
import { checkPlaces } from './check-places.ts'
import { keepInput, type Surface } from './corpus.ts'
import { startFuzzedGateway, type FuzzedGateway } from './fuzzed-gateway.ts'
import { startFuzzingStep } from './fuzzing-step.ts'
import { createInputs, type Input, type Inputs } from './inputs.ts'
import { judgeConversation } from './judge-answer.ts'
import { watchMemory, type MemoryFigures } from './memory-watch.ts'
import { noPace, startPace, type Pace } from './pace.ts'
import { Patience } from './patience.ts'
import { sendInput } from './send-input.ts'
import { startSideClient } from './side-client.ts'

export interface FuzzOptions {
  /** Repeats the inputs. */
  readonly seed: number
  readonly surfaces: readonly Surface[]
  /** How long inputs are made after those of the corpus. */
  readonly seconds: number
  /** Whether memory and the times of the side client are judged: not where the machine has other work, or time is short. */
  readonly judgeFigures: boolean
  /** Tells a person who waits how far it is. */
  readonly progress: (message: string) => void
}

const connections = 24
const progressMs = 10_000
const fuzzPriority = 10
const mostP99 = 50
/** Of resident memory, from the second quarter to the last one. */
const mostGrowth = 1.15

/** Inputs by the thousand to a real gateway and from its steps, and what became of its promises. */
export async function runFuzz({ seed, surfaces, seconds, judgeFigures, progress }: FuzzOptions): Promise<Audit> {
  const inputs = createInputs(seed, surfaces)
  await using step = await startFuzzingStep(inputs.answerTo)
  await using side = await startSideClient()
  await using gateway = await startFuzzedGateway(step.url, side.stepUrl)
  // The fuzz is not what a machine does that is otherwise idle: who is judged by time goes first.
  if (judgeFigures) setPriority(fuzzPriority)
  using pace = judgeFigures ? startPace(gateway) : noPace
  const run = new FuzzRun(gateway, pace, progress)
  await run.send(inputs.corpus)
  using memory = watchMemory(gateway)
  side.begin(`${gateway.url}/default/side`)
  await run.send(mutatedInputs(inputs, surfaces, performance.now() + seconds * 1000))
  const { calls, failed, p50, p99, longest } = await side.end()
  const used = memory.figures()
  progress('the inputs are over: is every place free?')
  const broken = gateway.ended === undefined ? [...(await checkPlaces(gateway, step))] : [`it ended: ${gateway.ended}`]
  broken.push(...run.faults, ...gateway.log.faults)
  if (failed > 0) broken.push(`${failed} of ${calls} honest calls failed`)
  if (judgeFigures) broken.push(...judge(p99, used))
  const { early, late, most } = used
  const figures = {
    seed,
    ...run.figures,
    perSecond: Math.round(pace.perSecond),
    logLines: gateway.log.lines,
    calls,
    failed,
    p50,
    p99,
    longest,
    early,
    late,
    most
  }
  return { figures, broken }
}

function judge(p99: number, { early, late }: MemoryFigures): string[] {
  const faults: string[] = []
  if (p99 > mostP99) faults.push(`the p99 of the side client is ${p99} ms`)
  if (late > early * mostGrowth) faults.push(`memory grew from ${early} to ${late} MiB`)
  return faults
}

function* mutatedInputs(inputs: Inputs, surfaces: readonly Surface[], end: number): Generator<Input> {
  for (let number = 0; performance.now() < end; number++) {
    for (const surface of surfaces) yield inputs.mutated(surface, number)
  }
}

/** The sending of inputs, and what the answers were. */
class FuzzRun {
  readonly faults: string[] = []
  readonly #gateway: FuzzedGateway
  readonly #pace: Pace
  readonly #progress: (message: string) => void
  readonly #statuses = new Map<number, number>()
  readonly #patience = new Patience()
  #sent = 0
  /** Of a stored request that was accepted lately. */
  #id = '01a22958-e882-7000-923f-81948505a194'
  #told = performance.now()

  constructor(gateway: FuzzedGateway, pace: Pace, progress: (message: string) => void) {
    this.#gateway = gateway
    this.#pace = pace
    this.#progress = progress
  }

  get figures(): Readonly<Record<string, number>> {
    const statuses = [...this.#statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, count]) => [`answers ${status}`, count])
    return { inputs: this.#sent, ...(Object.fromEntries(statuses) as Record<string, number>) }
  }

  /** Sends all of them, some at a time, until the gateway has ended. */
  async send(inputs: Iterable<Input>): Promise<void> {
    const iterator = inputs[Symbol.iterator]()
    const sendNext = async (): Promise<void> => {
      for (let next; this.#gateway.ended === undefined && !(next = iterator.next()).done;) {
        await this.#pace.turn()
        await this.#try(next.value)
      }
    }
    await Promise.all(Array.from({ length: connections }, sendNext))
  }

  async #try({ surface, name, message, random, octets }: Input): Promise<void> {
    const url = surface === 'admin' ? this.#gateway.adminUrl : this.#gateway.url
    const placed = message.includes('{id}')
      ? Buffer.from(message.toString('latin1').replaceAll('{id}', this.#id), 'latin1')
      : message
    const conversation = await sendInput(Number(new URL(url).port), placed, random, this.#patience)
    this.#sent++
    for (const { status, headers } of conversation.answers) {
      this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1)
      if (status === 202) this.#id = headers['sluice-request-id'] ?? this.#id
    }
    const fault = judgeConversation(conversation, placed)
    if (fault !== undefined) this.faults.push(`${name}, kept as ${keepInput(surface, octets)}: ${fault}`)
    if (performance.now() - this.#told > progressMs) this.#tell()
  }

  #tell(): void {
    this.#told = performance.now()
    const found = this.faults.length + this.#gateway.log.faults.length
    this.#progress(`${this.#sent} inputs, ${found} faults`)
  }
}
