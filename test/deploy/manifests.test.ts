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

it('stores in Redis, spreads its replicas, and lets only some of them be evicted', () => {
  const all = documents('deploy/kubernetes.yaml')
  const [, deployment] = all
  const { spec } = deployment.spec.template
  const store = container(deployment).env.find(({ name }: Manifest) => name === 'SLUICE_STORE')
  const named = new URL(store.value).hostname
  const [redis, service] = ['StatefulSet', 'Service'].map(kind =>
    all.find(document => document.kind === kind && document.metadata.name === named)
  )
  expect(redis.spec.serviceName).toBe(named)
  expect(service.spec.selector).toEqual(redis.spec.template.metadata.labels)
  expect(container(redis).args).toEqual(expect.arrayContaining(['always', 'noeviction']))
  expect(spec.topologySpreadConstraints[0].labelSelector).toEqual(deployment.spec.selector)
  const budget = all.find(({ kind }) => kind === 'PodDisruptionBudget')
  expect([budget.spec.selector, budget.spec.minAvailable]).toEqual([deployment.spec.selector, 1])
  expect(Object.keys(container(deployment))).toEqual(expect.arrayContaining(['startupProbe', 'readinessProbe']))
})

it('leaves the port of queue-proxy alone on Knative', () => {
  const [knative] = documents('knative/service.yaml')
  const { args } = container(knative)
  expect(args[args.indexOf('--admin-port') + 1]).not.toMatch(/^(8012|8022|9090|9091)$/)
})

it('has a store and a reachable admin plane in compose, and a volume, a health check and an init in the image', () => {
  const [{ services }] = documents('deploy/compose.yaml')
  const { environment } = services.sluice
  expect(services[new URL(environment.SLUICE_STORE).hostname].command).toEqual(
    expect.arrayContaining(['always', 'noeviction'])
  )
  expect([environment.SLUICE_ADMIN_HOST, environment.SLUICE_ADMIN_TOKEN]).toEqual([
    '0.0.0.0',
    expect.stringContaining('SLUICE_ADMIN_TOKEN:?')
  ])
  const dockerfile = readFileSync('deploy/Dockerfile', 'utf8')
  for (const line of [
    /^USER 1000:1000$/m,
    /^VOLUME \/var\/lib\/sluice$/m,
    /^HEALTHCHECK /m,
    /^ENTRYPOINT \["tini", "--"/m
  ]) {
    expect(dockerfile).toMatch(line)
  }
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '))
  const sent = readFileSync('.dockerignore', 'utf8').split('\n')
  for (const name of copied) expect(sent).toContain(`!${name}`)
})
