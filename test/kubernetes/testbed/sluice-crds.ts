import { crdText } from '../../../src/cli/commands/crd-text.ts'
import { kubectlOk, waitForKinds } from './cluster.ts'

/** Makes the API server know the resources of Sluice; it may do so already. */
export async function installCrds(kubeconfig?: string): Promise<void> {
  const options = kubeconfig === undefined ? {} : { kubeconfig }
  await kubectlOk(['apply', '--server-side', '-f', '-'], { ...options, stdin: crdText() })
  await waitForKinds(['servingpipelines.sluice.dev', 'pipelines.sluice.dev'], options)
}

/** A definition as `kubectl apply -f -` reads it. */
export const pipelineDocument = (name: string, spec: unknown): string =>
  JSON.stringify({ apiVersion: 'sluice.dev/v1alpha1', kind: 'ServingPipeline', metadata: { name }, spec })
