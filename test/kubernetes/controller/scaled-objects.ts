import { kubectlOk, waitForKinds } from '../testbed/cluster.ts'

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
export async function installScaledObjects(kubeconfig: string): Promise<void> {
  const schema = { openAPIV3Schema: { type: 'object', required: ['spec'], properties: { spec } } }
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'scaledobjects.keda.sh' },
    spec: {
      group: 'keda.sh',
      scope: 'Namespaced',
      names: { kind: 'ScaledObject', plural: 'scaledobjects', singular: 'scaledobject' },
      versions: [{ name: 'v1alpha1', served: true, storage: true, schema }]
    }
  }
  await kubectlOk(['apply', '--server-side', '-f', '-'], { kubeconfig, stdin: JSON.stringify(definition) })
  await waitForKinds(['scaledobjects.keda.sh'], { kubeconfig })
}
