import type { Documents } from '../ledger/documents.ts'
import { definitionKey, type ParsedPipeline } from '../pipeline/parsed-pipeline.ts'

/** The last good definitions of sources are documents of this kind, called `SOURCE KEY`. */
const kind = 'last-good'
/** Documents that are written at once. */
const atOnce = 100

/** A good definition as a source brought it last. */
export interface KeptClaim {
  readonly pipeline: string
  readonly claimant: string
  readonly baseDir: string
  readonly definition: ParsedPipeline
}

export const keyOfKept = ({ pipeline, definition }: KeptClaim): string =>
  definitionKey(definition.definition.kind, pipeline)

/** The last known good set of each source, for a start at which the source cannot be read. */
export class KeptSources {
  readonly #documents: Documents
  readonly #texts = new WeakMap<ParsedPipeline, string>()
  /** The kept sets, by the name of their documents; `undefined`: it was not read yet. */
  #kept: Map<string, string> | undefined

  constructor(documents: Documents) {
    this.#documents = documents
  }

  /** The set that the source brought last. */
  async read(source: string): Promise<readonly KeptClaim[]> {
    const prefix = `${source} `
    const kept = [...(await this.#known())].filter(([name]) => name.startsWith(prefix))
    return kept.map(([, text]) => readClaim(text))
  }

  /** Keeps what a source that could be read brings, and nothing else of it. */
  async keep(source: string, claims: readonly KeptClaim[]): Promise<void> {
    const known = await this.#known()
    const wanted = new Map(claims.map(claim => [`${source} ${keyOfKept(claim)}`, this.#textOf(claim)]))
    const changed = [...wanted].filter(([name, text]) => known.get(name) !== text)
    const gone = [...known.keys()].filter(name => name.startsWith(`${source} `) && !wanted.has(name))
    for (let i = 0; i < changed.length; i += atOnce) {
      await Promise.all(changed.slice(i, i + atOnce).map(([name, text]) => this.#documents.put(kind, name, text)))
    }
    for (const name of gone) await this.#documents.remove(kind, name)
    for (const [name, text] of changed) known.set(name, text)
    for (const name of gone) known.delete(name)
  }

  /** Most definitions are the same objects as the last time. */
  #textOf(claim: KeptClaim): string {
    let text = this.#texts.get(claim.definition)
    if (text === undefined) this.#texts.set(claim.definition, (text = JSON.stringify(claim)))
    return text
  }

  async #known(): Promise<Map<string, string>> {
    this.#kept ??= new Map((await this.#documents.list(kind)).map(({ name, text }) => [name, text]))
    return this.#kept
  }
}

// Only this class writes documents of its kind.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const readClaim = (text: string): KeptClaim => JSON.parse(text) as KeptClaim
