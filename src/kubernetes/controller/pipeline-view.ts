import { isCanaryReference } from '../../pipeline/canary-ref.ts'
import { compile } from '../../pipeline/compile.ts'
import type { FindNested } from '../../pipeline/compile-body.ts'
import type { Fault } from '../../pipeline/fault.ts'
import { stepsOf } from '../../pipeline/nodes-of.ts'
import type { WholePipeline } from '../../pipeline/parsed-pipeline.ts'
import { readReferenceKey, type Reference } from '../../pipeline/reference-key.ts'

/** The steps of a definition, and what of it leads nowhere yet. */
export interface PipelineView {
  readonly steps: readonly { readonly name: string; readonly path: string }[]
  /** Why, a sentence each. */
  readonly unresolved: readonly string[]
}

/** The URLs of references by their keys, and why one has none. */
export interface KnownAddresses {
  readonly get: (key: string) => string | undefined
  readonly why: (ref: Reference) => string
}

export interface ViewDeps {
  readonly addresses: KnownAddresses
  readonly find: FindNested
}

/** A definition as a gateway would compile it here. */
export function viewOf({ definition }: Pick<WholePipeline, 'definition'>, { addresses, find }: ViewDeps): PipelineView {
  const missing = new Map<string, Reference>()
  const resolve = {
    get(key: string): string | undefined {
      const url = addresses.get(key)
      const reference = url === undefined ? readReferenceKey(key) : undefined
      if (reference !== undefined && !isCanaryReference(reference)) missing.set(key, reference)
      return url
    }
  }
  const plan = compile(definition, { baseDir: '/', resolve, find })
  const nested = plan.unresolved.filter(name => name.startsWith('pipeline '))
  return {
    steps: [...stepsOf(plan.flow)].map(({ name, path }) => ({ name, path })),
    unresolved: [
      ...[...missing.values()].map(reference => addresses.why(reference)),
      ...nested.map(name => `${name}: there is none`)
    ]
  }
}

/** In a pause, the Services of deployed steps (`namespace/name`) may be away, which is not worth telling. */
export const inPause = (addresses: KnownAddresses, services: ReadonlySet<string>): KnownAddresses => ({
  why: reference => addresses.why(reference),
  get(key) {
    const { group, kind, namespace, name } = readReferenceKey(key) ?? {}
    const isAway = group === '' && kind === 'Service' && services.has(`${namespace}/${name}`)
    return isAway ? `http://${name}` : addresses.get(key)
  }
})

/** As `sluice validate` says it, without the place in a file. */
export const faultText = ({ path, message, hint }: Fault): string =>
  `${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : `; ${hint}`}`
