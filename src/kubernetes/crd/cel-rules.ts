/** A rule of `x-kubernetes-validations`, in CEL. */
export interface Validation {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
  readonly fieldPath?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueRequired' | 'FieldValueForbidden'
}

/*
 * The rules that a schema cannot say, in the words of `sluice validate`. The rest stands in `status`.
 */

/** Each is a kind of step on its own, but `besides`. */
const kinds = ['uri', 'ref', 'run', 'pipeline', 'switch', 'parallel', 'split', 'transform', 'traffic'] as const

/** A path beside `ref` is part of it, and traffic beside a destination of the step's own is a share of its calls. */
const besides: Readonly<Record<string, readonly string[]>> = { uri: ['ref'], traffic: ['uri', 'ref', 'run'] }

const has = (field: string): string => {
  const alone = [`has(self.${field})`, ...(besides[field] ?? []).map(other => `!has(self.${other})`)].join(' && ')
  return field in besides ? `(${alone})` : alone
}

/** The first kind of a step before this one. */
const firstOf = (fields: readonly string[]): string =>
  fields.reduceRight((rest, field) => (rest === '' ? `'${field}'` : `(${has(field)} ? '${field}' : ${rest})`), '')

/** Of those kinds that this version has. */
function oneKind(fields: ReadonlySet<string>): readonly Validation[] {
  const own = kinds.filter(kind => fields.has(kind))
  return [
    { rule: own.map(has).join(' || '), message: "needs a 'uri', a 'ref', 'run', 'transform' or another kind of step" },
    ...own.slice(1).map((kind, i): Validation => {
      const before = own.slice(0, i + 1)
      return {
        rule: `!${has(kind)} || !(${before.map(has).join(' || ')})`,
        messageExpression: `"must not be beside '" + ${firstOf(before)} + "': a step is of one kind"`,
        fieldPath: `.${kind}`
      }
    })
  ]
}

const needs = (field: string, other: string): Validation => ({
  rule: `!has(self.${field}) || has(self.${other})`,
  message: `means something only beside '${other}'`,
  fieldPath: `.${field}`
})

const hedged: Validation = {
  rule: '!has(self.hedge) || (has(self.safe) && self.safe)',
  message: "needs 'safe: true': a hedged step is called twice",
  fieldPath: '.hedge'
}

const minMax: Validation = {
  rule: '!has(self.min) || !has(self.max) || self.min <= self.max',
  message: "must not be more than 'max'",
  fieldPath: '.min'
}

const place: Validation = { rule: 'has(self.uri) || has(self.ref)', message: "needs a 'uri' or a 'ref'" }

/** A regular expression would cost more than a rule may. */
const schemes = ['http', 'https', 'HTTP', 'HTTPS', 'Http', 'Https']

const wholeUri: Validation = {
  rule: `has(self.ref) || !has(self.uri) || ${schemes.map(scheme => `self.uri.startsWith('${scheme}://')`).join(' || ')}`,
  messageExpression: `"must be an absolute http or https URL such as http://localhost:9101, found '" + self.uri + "'"`,
  fieldPath: '.uri'
}

/** Choices have weights from 0; those that are not written are 1. */
const weights: Validation = {
  rule: '!has(self.split) || self.split.exists(c, !has(c.weight) || c.weight > 0.0)',
  message: 'must have a weight above 0',
  fieldPath: '.split'
}

/** The entries of traffic that are deployed are the step's own `run` with other fields. */
const canaries: Validation = {
  rule: '!has(self.traffic) || (has(self.run) && has(self.run.image)) || !self.traffic.exists(e, has(e.run))',
  message: "has an entry with 'run', which needs a 'run' of the step with an 'image'",
  fieldPath: '.traffic'
}

const entries: readonly Validation[] = [
  { rule: 'has(self.uri) || has(self.ref) || has(self.run)', message: "needs a 'uri', a 'ref' or 'run'" },
  {
    rule: '!has(self.run) || !(has(self.uri) || has(self.ref))',
    message: "must not be beside 'uri' or 'ref'",
    fieldPath: '.run'
  },
  {
    rule: '!has(self.run) || has(self.tag)',
    message: "is required beside 'run', which is deployed by this name",
    fieldPath: '.tag',
    reason: 'FieldValueRequired'
  }
]

const ofType: Readonly<Record<string, readonly Validation[]>> = {
  Step: [
    needs('otherwise', 'switch'),
    needs('key', 'split'),
    needs('rollout', 'traffic'),
    hedged,
    wholeUri,
    weights,
    canaries
  ],
  Destination: [place, wholeUri],
  Process: [minMax]
}

const ofField: Readonly<Record<string, readonly Validation[]>> = {
  scale: [minMax],
  concurrency: [minMax],
  traffic: entries
}

/** The rules of a schema, by the name that it is shared by, or by the field that it stands in; only those whose fields it has. */
export function rulesOf(name: string | undefined, field: string, fields: ReadonlySet<string>): readonly Validation[] {
  const own = [...(name === 'Step' ? oneKind(fields) : []), ...(ofType[name ?? ''] ?? []), ...(ofField[field] ?? [])]
  return own.filter(({ rule }) =>
    [...rule.matchAll(/self\.(\w+)(?!\w|\()/g)].every(([, used = '']) => fields.has(used))
  )
}

const number = '[0-9]+([.,][0-9]+)?'
const short = '^[0-9]+([.][0-9]+)?(ms|s|m|h|d)$'
const iso = `^P(${number}W)?(${number}D)?(T(${number}H)?(${number}M)?(${number}S)?)?$`

/** `P`, `PT` and what ends in `T` say nothing. */
export const durationRule: Validation = {
  rule: `self.matches('${short}') || (self.matches('${iso}') && !self.endsWith('P') && !self.endsWith('T'))`,
  messageExpression: `"must be a duration such as PT2S or 2s, found '" + self + "'"`
}
