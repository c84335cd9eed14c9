import type { ApiClient, ApiRequest } from '../client/api-client.ts'
import type { Resource } from '../client/resource.ts'

/** In milliseconds. */
const keptMs = 10_000

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[]
}

/** The kinds that an API server serves, each asked for when it is needed. */
export class Discovery {
  readonly #client: ApiClient
  readonly #options: Pick<ApiRequest, 'signal'>
  readonly #lists = new Map<string, { readonly list: Promise<ResourceList>; readonly at: number }>()

  /** `signal` ends what is being asked. */
  constructor(client: ApiClient, signal?: AbortSignal) {
    this.#client = client
    this.#options = signal === undefined ? {} : { signal }
  }

  /** The resource of a kind; a `version` that is empty is the preferred one. Throws ApiFailure, 404 where there is none. */
  async find(group: string, version: string, kind: string): Promise<Resource> {
    const chosen = version === '' ? await this.#preferred(group) : version
    const { resources } = await this.#list(group === '' ? `/api/${chosen}` : `/apis/${group}/${chosen}`)
    const found = resources.find(each => each.kind === kind && !each.name.includes('/'))
    if (found === undefined)
      throw new UnknownKind(`the API server has no ${kind} in ${group === '' ? chosen : `${group}/${chosen}`}`)
    return { group, version: chosen, plural: found.name, kind }
  }

  async #preferred(group: string): Promise<string> {
    if (group === '') return 'v1'
    const found = await this.#client.call<{ preferredVersion: { version: string } }>(
      'GET',
      `/apis/${group}`,
      this.#options
    )
    return found.preferredVersion.version
  }

  /** A kind may be installed at any time: nothing is remembered for long. */
  #list(path: string): Promise<ResourceList> {
    const known = this.#lists.get(path)
    if (known !== undefined && performance.now() - known.at < keptMs) return known.list
    const list = this.#client.call<ResourceList>('GET', path, this.#options)
    this.#lists.set(path, { list, at: performance.now() })
    list.catch(() => this.#lists.delete(path))
    return list
  }
}

/** The API server is there, and does not know the kind. */
export class UnknownKind extends Error {
  override readonly name = 'UnknownKind'
}
