import { expect, it } from 'vitest'
import { kubernetesFindings } from '../../src/kubernetes/cluster/kubernetes-findings.ts'

it.each([
  { file: '/x/../var/run/secrets/kubernetes.io/serviceaccount/token' },
  { file: '//proc/self/environ' },
  { file: '../../../proc/self/environ' },
  { file: '/home/anyone/.kube/config' },
  { env: 'SLUICE_ADMIN_TOKEN' },
  { env: 'OTEL_EXPORTER_OTLP_HEADERS' },
  { env: 'AWS_SECRET_ACCESS_KEY' }
])('a definition of Kubernetes cannot have %j of the gateway sent anywhere', value => {
  const findings = kubernetesFindings({ steps: [{ uri: 'http://a', headers: { 'x-a': value } }] })
  const [key] = Object.keys(value)
  expect(findings).toMatchObject([{ path: ['spec', 'steps', 0, 'headers', 'x-a', key], code: 'NOT_SUPPORTED' }])
})

it('a text, and a key of a Secret, it can', () => {
  const headers = { 'x-a': 'text', 'x-b': { secretKeyRef: { name: 'model', key: 'key' } } }
  expect(kubernetesFindings({ steps: [{ uri: 'http://a', headers }] })).toEqual([])
})
