import { crdText } from '../../../src/cli/commands/crd-text.ts'
import { kubectlOk } from './cluster.ts'

/** Makes the API server know the resources of Sluice; it may do so already. */
export async function installCrds(kubeconfig?: string): Promise<void> {
  const options = kubeconfig === undefined ? {} : { kubeconfig }
  await kubectlOk(['apply', '--server-side', '-f', '-'], { ...options, stdin: crdText() })
  await kubectlOk(['wait', '--for=condition=Established', 'crd/servingpipelines.sluice.dev', '--timeout=60s'], options)
}

/** A definition as `kubectl apply -f -` reads it. */
export const pipelineDocument = (name: string, spec: unknown): string =>
  JSON.stringify({ apiVersion: 'sluice.dev/v1alpha1', kind: 'ServingPipeline', metadata: { name }, spec })
