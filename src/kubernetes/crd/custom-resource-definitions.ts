import { jsonSchema, sourcedJsonSchema } from '../../pipeline/json-schema.ts'
import { refusedInSpec } from '../../pipeline/supported.ts'
import { defaults } from '../../pipeline/defaults.ts'
import { statusSchema } from './status-schema.ts'
import { structural, type JsonNode, type Structural } from './structural.ts'

/** A structural schema cannot refer to itself: steps in steps are typed, those in them are checked by the controller. */
const stepLevels = 2

/** Each choice of a split and each entry of traffic is looked at by a rule, whose cost has to be bounded. */
const mostChoices = 100

/**
 * The fields of `spec` that are filled in where they are absent; the others have defaults that depend on where they
 * stand, or are filled up from another resource. A default inside an object applies only where the object is there.
 */
const filledIn: Readonly<Record<string, unknown>> = {
  lifecycle: { desiredPhase: 'Running', pauseGracePeriodSeconds: defaults.pauseGracePeriodSeconds },
  requests: defaults.requests,
  errors: defaults.errors,
  ordering: 'none',
  scale: { min: 0 }
}

const column = (name: string, type: string, jsonPath: string, priority = 0) => ({ name, type, jsonPath, priority })

const ready = (field: string): string => `.status.conditions[?(@.type=="Ready")].${field}`

const columns = [
  column('Phase', 'string', '.status.phase'),
  column('Ready', 'string', ready('status')),
  column('Steps', 'integer', '.status.stepCount'),
  column('InFlight', 'integer', '.status.inFlight'),
  column('Pending', 'integer', '.status.pending'),
  column('DeadLetters', 'integer', '.status.deadLetters'),
  column('Age', 'date', '.metadata.creationTimestamp'),
  column('URL', 'string', '.status.url', 1),
  column('Reason', 'string', ready('reason'), 1)
]

interface Kind {
  readonly kind: string
  readonly singular: string
  readonly shortName: string
  readonly description: string
  readonly schema: JsonNode
}

/** The CustomResourceDefinitions of sluice.dev, made of the schema of the resources. */
export const customResourceDefinitions = (): readonly Structural[] => [
  definitionOf({
    kind: 'ServingPipeline',
    singular: 'servingpipeline',
    shortName: 'sp',
    description: 'An ordered chain or graph of model endpoints: POST to /{namespace}/{name}, get the answer.',
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON Schema by another type
    schema: jsonSchema() as JsonNode
  }),
  definitionOf({
    kind: 'Pipeline',
    singular: 'pipeline',
    shortName: 'spl',
    description: 'Steps between sources and sinks, without a serving ingress.',
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same
    schema: sourcedJsonSchema() as JsonNode
  })
]

function definitionOf({ kind, singular, shortName, description, schema }: Kind): Structural {
  const plural = `${singular}s`
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.sluice.dev`,
      labels: {
        'app.kubernetes.io/name': 'sluice',
        // Only who serves has an address.
        ...(kind === 'ServingPipeline' && { 'duck.knative.dev/addressable': 'true' })
      }
    },
    spec: {
      group: 'sluice.dev',
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames: [shortName], categories: ['sluice'] },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.scale.min',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector'
            }
          },
          additionalPrinterColumns: columns,
          selectableFields: [{ jsonPath: '.status.phase' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description,
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: specOf(schema),
                status: statusSchema
              }
            }
          }
        }
      ]
    }
  }
}

function specOf({ properties, ...schema }: JsonNode): Structural {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON Schema keeps shared schemas there
  const definitions = (schema['$defs'] ?? {}) as Readonly<Record<string, JsonNode>>
  const spec = structural(properties?.['spec'] ?? {}, { definitions, stepLevels })
  const { type, description, ...rest } = withDefaults(withBoundedChoices(spec))
  // Here an object cannot leave its steps to another one.
  return { description, type, required: ['steps'], ...rest }
}

type Tree = Record<string, never>

function withBoundedChoices(spec: Structural): Structural {
  const copy = structuredClone(spec) as Tree & {
    properties: { steps: { items: { properties: Record<string, object> } } }
  }
  const { split, traffic } = copy.properties.steps.items.properties
  for (const list of [split, traffic]) if (list !== undefined) Object.assign(list, { maxItems: mostChoices })
  return copy
}

/** A field that this version refuses is never filled in. */
function withDefaults(spec: Structural): Structural {
  const { properties, ...rest } = spec as { readonly properties: Readonly<Record<string, Structural>> }
  const fields = Object.entries(properties).map(([name, node]) => [
    name,
    refusedInSpec[name] === 'every' ? node : filled(name, node)
  ])
  return { ...rest, properties: Object.fromEntries(fields) }
}

function filled(name: string, node: Structural): Structural {
  const value = filledIn[name]
  if (value === undefined) return node
  if (typeof value !== 'object') return { ...node, default: value }
  const members = Object.entries((node['properties'] ?? {}) as Readonly<Record<string, Structural>>)
  const given = value as Readonly<Record<string, unknown>>
  const properties = members.map(([field, member]) => [
    field,
    field in given ? { ...member, default: given[field] } : member
  ])
  return { ...node, properties: Object.fromEntries(properties), default: {} }
}
