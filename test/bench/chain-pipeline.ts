import type { TempFolder } from '../helpers/temp-folder.ts'

/** Writes a pipeline that calls the models one after the other, and nothing else; it serves POST /bench/NAME. */
export async function writeChainPipeline(folder: TempFolder, name: string, models: readonly string[]): Promise<void> {
  const steps = models.map(url => `    - uri: ${url}/\n`).join('')
  const yaml = `apiVersion: sluice.dev/v1alpha1
kind: ServingPipeline
metadata:
  name: ${name}
  namespace: bench
spec:
  steps:
${steps}`
  await folder.write(`${name}.yaml`, yaml)
}
