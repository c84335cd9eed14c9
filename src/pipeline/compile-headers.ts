import { resolve } from 'node:path'
import { fillIn } from './environment.ts'
import type { Scope } from './compile-scope.ts'
import type { CallHeader, HeaderSource } from './destination.ts'
import type { CallHeadersSpec } from './spec/call-headers-spec.ts'

const none: readonly CallHeader[] = []

/** Where the values of a destination's headers are; the values themselves are in no plan. */
export function compileHeaders(spec: CallHeadersSpec | undefined, scope: Scope): readonly CallHeader[] {
  if (spec === undefined) return none
  return Object.entries(spec).map(([name, value]) => ({ name: name.toLowerCase(), source: sourceOf(value, scope) }))
}

function sourceOf(value: CallHeadersSpec[string], { namespace, baseDir, environment = {} }: Scope): HeaderSource {
  if (typeof value === 'string') return { kind: 'text', text: value }
  const { env, file, secretKeyRef, prefix = '' } = value
  if (env !== undefined) return { kind: 'env', variable: env, prefix }
  if (file !== undefined) return { kind: 'file', path: resolve(baseDir, fillIn(file, environment).text), prefix }
  if (secretKeyRef === undefined) throw new TypeError('a header has a value')
  return { kind: 'secretKeyRef', namespace, secret: secretKeyRef.name, key: secretKeyRef.key, prefix }
}
