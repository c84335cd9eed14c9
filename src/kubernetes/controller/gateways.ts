import { lookup } from 'node:dns/promises'
import { Agent, request } from 'undici'
import { resources } from '../resources.ts'
import { usesOf, type GatewayUses } from './gateway-uses.ts'
import { nobody, type GatewayReport, type GatewayStatus, type Reports } from './gateway-report.ts'

/** A gateway behind the admin address that does not answer is waited for so long, in milliseconds. */
const answerMs = 5_000
const pageSize = 500
/** Documents of a gateway are no longer than this. */
const maxBytes = 64 * 2 ** 20

export interface GatewaysDeps {
  /** `http://host:port`: each address of the host is a gateway. */
  readonly url: string
  readonly token: string | undefined
}

/** Asks the admin planes of the gateways. */
export class Gateways implements AsyncDisposable {
  readonly #deps: GatewaysDeps
  readonly #agents = new Map<string, Agent>()

  constructor(deps: GatewaysDeps) {
    this.#deps = deps
  }

  /** All pipelines of all gateways. Does not throw. */
  async ask(): Promise<Reports> {
    const askedAt = performance.now()
    return { ...(await this.#askAll(address => this.#allOf(address))), askedAt }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#agents.values()].map(agent => agent.destroy()))
  }

  async #askAll(askOne: (address: string) => Promise<GatewayReport>): Promise<Omit<Reports, 'askedAt'>> {
    const { hostname } = new URL(this.#deps.url)
    let addresses: readonly string[]
    try {
      addresses = (await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true })).map(({ address }) => address)
    } catch (thrown) {
      return isNoName(thrown) ? nobody : { reports: [], silent: [`${hostname}: ${reasonOf(thrown)}`] }
    }
    this.#forgetOthers(addresses)
    const reports: GatewayReport[] = []
    const silent: string[] = []
    await Promise.all(
      addresses.map(async address => {
        try {
          reports.push(await askOne(address))
        } catch (thrown) {
          if (!isNobody(thrown)) silent.push(`the gateway ${address}: ${reasonOf(thrown)}`)
        }
      })
    )
    return { reports, silent }
  }

  async #allOf(address: string): Promise<GatewayReport> {
    const pipelines = new Map<string, GatewayStatus>()
    for (const { plural } of [resources.servingPipelines, resources.pipelines]) {
      await this.#addAll(address, plural, pipelines)
    }
    return { gateway: address, store: await this.#storeOf(address), pipelines }
  }

  async #addAll(address: string, plural: string, pipelines: Map<string, GatewayStatus>): Promise<void> {
    for (let after = ''; ;) {
      const query = `?limit=${pageSize}${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`
      const page = await this.#get<Page>(address, `/apis/sluice.dev/v1alpha1/${plural}${query}`)
      for (const { metadata, spec, status } of page.items) {
        const { namespace, name } = metadata
        pipelines.set(`${namespace}/${name}`, { ...status, ...usesOf(spec, namespace) })
      }
      if (page.next === null || page.next === undefined) return
      after = page.next
    }
  }

  /** A Redis is shared by those that name it; a file is nobody else's. */
  async #storeOf(address: string): Promise<string | undefined> {
    const text = await this.#text(address, '/readyz?verbose')
    const line = /^\[i\] store: (.*)$/m.exec(text)?.[1]
    return line !== undefined && /redis/i.test(line) ? line : undefined
  }

  async #get<T>(address: string, path: string): Promise<T> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own admin plane says it
    return JSON.parse(await this.#text(address, path, 200)) as T
  }

  async #text(address: string, path: string, wanted?: number): Promise<string> {
    const { token, url } = this.#deps
    const { statusCode, body } = await request(new URL(path, url), {
      dispatcher: this.#agent(address),
      headersTimeout: answerMs,
      bodyTimeout: answerMs,
      signal: AbortSignal.timeout(2 * answerMs),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` }
    })
    const text = await body.text()
    if (wanted !== undefined && statusCode !== wanted) throw new Error(`it answers ${statusCode} to ${path}`)
    if (text.length > maxBytes) throw new RangeError('its answer is too long')
    return text
  }

  /** A gateway whose address is not there any more is gone. */
  #forgetOthers(addresses: readonly string[]): void {
    for (const [address, agent] of this.#agents) {
      if (addresses.includes(address)) continue
      this.#agents.delete(address)
      agent.destroy().catch(() => {})
    }
  }

  /** The name stays that of the URL, the address is this one. */
  #agent(address: string): Agent {
    let agent = this.#agents.get(address)
    if (agent === undefined) {
      const family = address.includes(':') ? 6 : 4
      agent = new Agent({
        connections: 4,
        connect: {
          timeout: answerMs,
          lookup: (_name, { all }, callback) =>
            all === true ? callback(null, [{ address, family }]) : callback(null, address, family)
        }
      })
      this.#agents.set(address, agent)
    }
    return agent
  }
}

interface Page {
  readonly items: readonly {
    readonly metadata: { readonly namespace: string; readonly name: string }
    readonly spec?: unknown
    readonly status: Omit<GatewayStatus, keyof GatewayUses>
  }[]
  readonly next?: string | null
}

const codeOf = (thrown: unknown): string => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '')

const isNoName = (thrown: unknown): boolean => ['ENOTFOUND', 'ENODATA'].includes(codeOf(thrown))

/** Nobody listens there. */
const isNobody = (thrown: unknown): boolean => codeOf(thrown) === 'ECONNREFUSED'

const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.message !== '' ? thrown.message : codeOf(thrown)
