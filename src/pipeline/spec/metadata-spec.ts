import * as z from 'zod'
import { defaults } from '../defaults.ts'
import { nameSpec } from './name-spec.ts'

const strings = () => z.record(z.string(), z.string()).optional()

/** Fields that Kubernetes adds; they mean nothing here. */
const kubernetes = () => z.unknown().optional().describe('Set by Kubernetes; means nothing to Sluice.')

export const metadataSpec = z
  .strictObject({
    name: nameSpec.describe('Unique in its namespace; part of the URL.'),
    namespace: nameSpec.optional().meta({ description: 'Part of the URL.', default: defaults.namespace }),
    labels: strings().describe('For people and tools.'),
    annotations: strings().describe('For people and tools.'),
    uid: kubernetes(),
    resourceVersion: kubernetes(),
    generation: kubernetes(),
    generateName: kubernetes(),
    creationTimestamp: kubernetes(),
    deletionTimestamp: kubernetes(),
    deletionGracePeriodSeconds: kubernetes(),
    finalizers: kubernetes(),
    managedFields: kubernetes(),
    ownerReferences: kubernetes(),
    selfLink: kubernetes()
  })
  .meta({ id: 'Metadata', description: 'Name, namespace, labels and annotations, as in Kubernetes.' })
