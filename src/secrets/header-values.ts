import { fillIn } from '../pipeline/environment.ts'
import { headerValueFault } from '../pipeline/header-value-fault.ts'
import type { CallHeader, HeaderSource, HeaderUse } from '../pipeline/destination.ts'
import type { Secrets } from './secrets.ts'
import type { WatchedFile } from './watched-file.ts'

/** The value of a header at this moment, or why it has none, in words without a value. */
export type HeaderValue =
  { readonly kind: 'value'; readonly value: string } | { readonly kind: 'missing'; readonly reason: string }

/** The headers of a destination at this moment, as a flat list of names and values. */
export type HeaderValues =
  { readonly kind: 'values'; readonly flat: readonly string[] } | { readonly kind: 'missing'; readonly reason: string }

/** Looks the values of headers up, at each call of what this answers. */
export function headerValues(headers: readonly CallHeader[], secrets: Secrets): () => HeaderValues {
  const lookups = headers.map(({ name, source }) => ({ name, look: lookup(source, secrets) }))
  return () => {
    const flat: string[] = []
    for (const { name, look } of lookups) {
      const found = look()
      if (found.kind === 'missing') return { kind: 'missing', reason: missingText(name, found.reason) }
      flat.push(name, found.value)
    }
    return { kind: 'values', flat }
  }
}

/** Why headers have no value at this moment, each with its name and who would send it; empty: all have one. */
export function missingHeaders(uses: readonly HeaderUse[], secrets: Secrets): readonly string[] {
  return uses.flatMap(({ sender, name, source }) => {
    const found = lookup(source, secrets)()
    return found.kind === 'value' ? [] : [`${sender}: ${missingText(name, found.reason)}`]
  })
}

/** Files that header values come from and that cannot be read any more. */
export function staleFiles(uses: readonly HeaderUse[], secrets: Secrets): readonly string[] {
  const paths = new Set(uses.flatMap(({ source }) => (source.kind === 'file' ? [source.path] : [])))
  return [...paths].flatMap(path => {
    const reading = secrets.file(path).read()
    if (reading.kind === 'unreadable' || reading.stale === undefined) return []
    return [`the file ${path} ${reading.stale}: what it said last is used`]
  })
}

const missingText = (name: string, reason: string): string => `the header ${name} has no value: ${reason}`

/** The environment of a process stays as it is, so that only files and Secrets are looked at again. */
function lookup(source: HeaderSource, secrets: Secrets): () => HeaderValue {
  if (source.kind === 'file') return fromFile(secrets.file(source.path), source.prefix, secrets)
  if (source.kind === 'secretKeyRef') return fromSecret(source, secrets)
  if (source.kind === 'token') return fromToken(source, secrets)
  const found = fixedValue(source, secrets)
  return () => found
}

function fixedValue(
  source: Exclude<HeaderSource, { kind: 'file' | 'secretKeyRef' | 'token' }>,
  secrets: Secrets
): HeaderValue {
  switch (source.kind) {
    case 'text':
      return withPrefix(source.text, '', 'the definition', secrets)
    case 'env': {
      const { variable, prefix } = source
      const value = secrets.variable(variable) ?? ''
      // A key that is empty opens nothing: whoever starts the gateway has not got it.
      if (value === '') return missing(`the environment variable ${variable} is not set, or empty`)
      return withPrefix(prefix, value, `the environment variable ${variable}`, secrets)
    }
  }
}

function fromFile(file: WatchedFile, prefix: string, secrets: Secrets): () => HeaderValue {
  let text: string | undefined
  let value: HeaderValue | undefined
  return () => {
    const reading = file.read()
    if (reading.kind === 'unreadable') return missing(`the file ${file.path} ${reading.reason}`)
    if (value === undefined || reading.text !== text) {
      text = reading.text
      value = withPrefix(prefix, text.trim(), `the file ${file.path}`, secrets)
    }
    return value
  }
}

function fromSecret(source: Extract<HeaderSource, { kind: 'secretKeyRef' }>, secrets: Secrets): () => HeaderValue {
  let text: string | undefined
  let value: HeaderValue | undefined
  return () => {
    const reading = secrets.cluster(source)
    if (reading.kind === 'missing') return reading
    if (value === undefined || reading.text !== text) {
      text = reading.text
      value = withPrefix(source.prefix, text.trim(), `the Secret ${source.secret}`, secrets)
    }
    return value
  }
}

function fromToken(source: Extract<HeaderSource, { kind: 'token' }>, secrets: Secrets): () => HeaderValue {
  return () => {
    const reading = secrets.cluster(source)
    return reading.kind === 'missing' ? reading : { kind: 'value', value: `Bearer ${reading.text}` }
  }
}

/** The written text, with its variables, then the value that was looked up, as it is. */
function withPrefix(written: string, found: string, where: string, secrets: Secrets): HeaderValue {
  const { text, unset } = fillIn(written, secrets.environment)
  if (unset.length > 0) return missing(`the environment variable ${unset.join(', ')} is not set`)
  const fault = headerValueFault(text + found)
  return fault === undefined ? { kind: 'value', value: text + found } : missing(`what ${where} says ${fault}`)
}

const missing = (reason: string): HeaderValue => ({ kind: 'missing', reason })
