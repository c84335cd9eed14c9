import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { readPipelines } from '../../src/pipeline/read-pipelines.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- manifests of other systems, read as they are
type Manifest = any

const documents = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(file, 'utf8')).map(document => document.toJS())
const container = (document: Manifest) => document.spec.template.spec.containers[0]

it('ships pipelines in the ConfigMap that are valid', () => {
  const [configMap] = documents('deploy/kubernetes.yaml')
  const sources = Object.entries<string>(configMap.data).map(([file, text]) => ({ file, text }))
  const { pipelines, faults } = readPipelines(sources)
  expect(faults).toEqual([])
  expect(pipelines.map(({ name }) => name)).toEqual(['comments'])
})

it('mounts the ConfigMap where the gateway looks, and names the ports that it opens', () => {
  const [configMap, deployment, service] = documents('deploy/kubernetes.yaml')
  const [knative] = documents('knative/service.yaml')
  for (const document of [deployment, knative]) {
    const [mount] = container(document).volumeMounts
    expect(container(document).args).toContain(mount.mountPath)
    expect(document.spec.template.spec.volumes[0].configMap.name).toBe(configMap.metadata.name)
  }
  expect(container(deployment).ports.map(({ containerPort }: Manifest) => containerPort)).toEqual([8080, 9090])
  expect(service.spec.ports[0].targetPort).toBe('http')
})

it('sends the events of the Trigger to a pipeline of the ConfigMap', () => {
  const [configMap] = documents('deploy/kubernetes.yaml')
  const [knative, trigger] = documents('knative/service.yaml')
  expect(trigger.spec.subscriber.ref.name).toBe(knative.metadata.name)
  const [, , name] = trigger.spec.subscriber.uri.split('/')
  expect(Object.keys(configMap.data)).toContain(`${name}.yaml`)
})
