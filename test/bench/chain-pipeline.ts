import type { TempFolder } from '../helpers/temp-folder.ts'

/**
 * Writes a pipeline that calls the models one after the other, and nothing else unless `spec` has more; it serves
 * POST /bench/NAME.
 */
export async function writeChainPipeline(
  folder: TempFolder,
  name: string,
  models: readonly string[],
  spec: Readonly<Record<string, unknown>> = {}
): Promise<void> {
  const steps = models.map(url => `    - uri: ${url}/\n`).join('')
  const more = Object.entries(spec).map(([field, value]) => `  ${field}: ${JSON.stringify(value)}\n`)
  const yaml = `apiVersion: sluice.dev/v1alpha1
kind: ServingPipeline
metadata:
  name: ${name}
  namespace: bench
spec:
${more.join('')}  steps:
${steps}`
  await folder.write(`${name}.yaml`, yaml)
}
