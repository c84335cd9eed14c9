import type { KubectlOptions } from './cluster.ts'
import { installPeer } from './install-peer.ts'

const text = { type: 'string' }
const count = { type: 'integer', format: 'int32' }

/** The part of KEDA's definition that Sluice writes, as strict as that. */
const spec = {
  type: 'object',
  required: ['scaleTargetRef', 'triggers'],
  properties: {
    scaleTargetRef: { type: 'object', required: ['name'], properties: { name: text } },
    pollingInterval: count,
    cooldownPeriod: count,
    minReplicaCount: count,
    maxReplicaCount: count,
    triggers: {
      type: 'array',
      items: {
        type: 'object',
        required: ['type', 'metadata'],
        properties: { type: text, metadata: { type: 'object', additionalProperties: text } }
      }
    }
  }
}

/** Makes an API server know ScaledObjects. */
export const installScaledObjects = (options?: KubectlOptions): Promise<void> =>
  installPeer('KEDA', [{ group: 'keda.sh', kind: 'ScaledObject', version: 'v1alpha1', spec }], options)
