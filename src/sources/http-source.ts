import { createHash } from 'node:crypto'
import type { buildConnector } from 'undici'
import { messageOf } from '../errors.ts'
import { beginsWithMediaType } from '../event/essence.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Documents } from '../ledger/documents.ts'
import type { SourcePlan } from '../pipeline/source-plan.ts'
import type { Logger } from '../telemetry/log.ts'
import { userAgent } from '../delivery/user-agent.ts'
import { whileElected, type ElectedDeps, type HeldRole } from './elected.ts'
import { httpGet } from './http-get.ts'
import type { EntryIntake, Source, SourcePlace } from './source.ts'

export interface HttpSourceDeps extends Pick<ElectedDeps, 'owner' | 'roles'> {
  /** Connects under the egress rules. */
  readonly connect: buildConnector.connector
  readonly documents: () => Promise<Documents>
  readonly log: Pick<Logger, 'warn'>
}

/** The last thing that was seen, kept in the store: a restart, or another replica, does not give it again. */
interface Seen {
  readonly etag?: string | undefined
  /** Of the body, and of all that were seen before it. */
  readonly digest: string
  readonly id: string
}

const kind = 'polled'

/** The longest that one answer may take, in milliseconds. */
const answerMs = 30_000

/** Asks for a document; each that differs from the last one is an event. One replica of all does so. */
export class HttpSource implements Source {
  readonly #plan: Extract<SourcePlan, { kind: 'http' }>
  readonly #place: SourcePlace
  readonly #deps: HttpSourceDeps

  constructor(plan: Extract<SourcePlan, { kind: 'http' }>, place: SourcePlace, deps: HttpSourceDeps) {
    this.#plan = plan
    this.#place = place
    this.#deps = deps
  }

  async run(intake: EntryIntake, signal: AbortSignal): Promise<void> {
    const role = `source ${this.#place.source}`
    await whileElected({ ...this.#deps, role, everyMs: this.#plan.everyMs }, signal, held =>
      this.#poll(intake, held).catch((thrown: unknown) => this.#warn(messageOf(thrown), held.over))
    )
  }

  #warn(reason: string, signal: AbortSignal): void {
    if (signal.aborted) return
    const { pipeline, name } = this.#place
    this.#deps.log.warn({ pipeline, source: name, reason }, 'a source could not be asked; it is again at its next time')
  }

  async #poll(intake: EntryIntake, { over, isHeld }: HeldRole): Promise<void> {
    const documents = await this.#deps.documents()
    const text = await documents.get(kind, this.#place.source)
    // Only this class writes documents of its kind.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const seen = text === undefined ? undefined : (JSON.parse(text) as Seen)
    const answer = await this.#ask(seen?.etag, over)
    if (answer === undefined) return
    const digest = digestOf(answer.body)
    if (digest === seen?.digest) return
    const id = digestOf(Buffer.from(`${seen?.id ?? ''} ${digest}`)).slice(0, 32)
    const event = this.#eventOf(id, answer)
    if (!(await intake.accept([{ kind: 'event', event }], over))) return
    // Whoever has the role now may have seen more.
    if (!(await isHeld())) return
    await documents.put(kind, this.#place.source, JSON.stringify({ etag: answer.etag, digest, id } satisfies Seen))
  }

  /** `undefined`: there is nothing new. */
  async #ask(etag: string | undefined, signal: AbortSignal): Promise<Polled | undefined> {
    const { url, everyMs } = this.#plan
    const timeout = AbortSignal.timeout(Math.max(1_000, Math.min(everyMs, answerMs)))
    const headers = { [userAgent[0]]: userAgent[1], ...(etag !== undefined && { 'if-none-match': etag }) }
    const answer = await httpGet(new URL(url), headers, this.#deps.connect, AbortSignal.any([signal, timeout]))
    const { statusCode, headers: got } = answer
    if (statusCode !== 200) {
      answer.destroy()
      if (statusCode === 204 || statusCode === 304) return undefined
      throw new Error(`it answered ${statusCode}`)
    }
    return { body: await limited(answer, this.#place.maxBytes), etag: got.etag, type: got['content-type'] }
  }

  #eventOf(id: string, { body, type }: Polled): CloudEvent {
    const attributes = new Map([
      ['specversion', '1.0'],
      ['id', id],
      ['source', this.#place.source],
      ['type', 'dev.sluice.request'],
      ['time', new Date().toISOString()]
    ])
    if (type !== undefined && beginsWithMediaType(type)) attributes.set('datacontenttype', type)
    return { attributes, data: body }
  }
}

interface Polled {
  readonly body: Buffer
  readonly etag: string | undefined
  readonly type: string | undefined
}

const digestOf = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex')

async function limited(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`its answer has more than ${maxBytes} bytes (limits.maxBodyBytes)`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
